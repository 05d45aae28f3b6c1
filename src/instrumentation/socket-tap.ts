import type { Duplex } from 'node:stream';
import { guard } from '../util/guard.ts';
import { watchEvents } from './watch-events.ts';

/** Sees the bytes of a socket in their order. They are kept by reference. */
export interface SocketObserver {
  sent(bytes: Uint8Array): void;
  received(bytes: Uint8Array): void;
  /** The other side will send no more. */
  ended(): void;
  failed(error: unknown): void;
  closed(): void;
  /** Whether it wants to see more. */
  readonly isOpen: boolean;
}

/**
 * Observes a socket where its bytes enter its buffer and where they are handed to it. No listener is added, so flow,
 * backpressure and what happens when nobody listens stay as they are. A socket that goes back to an agent's pool after
 * the observer has lost interest costs one check a chunk.
 */
export function tapSocket(socket: Duplex, observer: SocketObserver): void {
  const { push, write, end } = socket;
  socket.push = function (this: Duplex, chunk: unknown, encoding?: BufferEncoding) {
    if (observer.isOpen) guard('socket', () => (chunk === null ? observer.ended() : see(chunk, observer.received)));
    return push.call(this, chunk, encoding);
  };
  socket.write = function (this: Duplex, ...parameters: unknown[]) {
    if (observer.isOpen) guard('socket', () => see(parameters[0], observer.sent));
    return write.apply(this, parameters as Parameters<typeof write>);
  } as typeof write;
  socket.end = function (this: Duplex, ...parameters: unknown[]) {
    if (observer.isOpen) guard('socket', () => see(parameters[0], observer.sent));
    return end.apply(this, parameters as Parameters<typeof end>);
  } as typeof end;
  watchEvents(socket, {
    error: (error) => observer.isOpen && observer.failed(error),
    close: () => observer.isOpen && observer.closed(),
  });

  /** Text is the head of a request: frames are bytes. */
  function see(chunk: unknown, observe: (bytes: Uint8Array) => void): void {
    if (chunk instanceof Uint8Array) observe.call(observer, chunk);
  }
}
