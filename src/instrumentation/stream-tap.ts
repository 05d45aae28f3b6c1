import { ReadableStream, type ReadableStreamDefaultReader } from 'node:stream/web';
import { guard } from '../util/guard.ts';
import type { StreamObserver } from './observer.ts';
import { isAbort } from './outcome.ts';

/**
 * Observes a ReadableStream at the object the app reads from: its own reader, iterator and pipes, so that pull,
 * backpressure, cancellation and chunk identity stay the stream's own. No chunk is requested on our account.
 */
export function tapStream(stream: ReadableStream, observer: StreamObserver): void {
  if (observers.has(stream)) return;
  observers.set(stream, observer);
  observer.retain(stream);
  Object.defineProperties(stream, overrides);
}

const observers = new WeakMap<ReadableStream, StreamObserver>();
const native = ReadableStream.prototype;
/** What undici cancels the body of a response with that was collected before it was read. */
const COLLECTED = 'Response object has been garbage collected';

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>;
type ReadResult = Awaited<ReturnType<Reader['read']>>;
type ReaderOptions = Parameters<typeof native.getReader>[0];

const overrides: PropertyDescriptorMap = {
  getReader: method(function (this: ReadableStream, ...args: [ReaderOptions?]) {
    const reader = native.getReader.apply(this, args as []) as ReadableStreamDefaultReader<Uint8Array>;
    return guard('stream', () => tapReader(reader, observerOf(this), this, args[0]?.mode === 'byob')) ?? reader;
  }),
  values: method(iterate),
  [Symbol.asyncIterator]: method(iterate),
  cancel: method(function (this: ReadableStream, reason?: unknown) {
    if (!this.locked)
      guard('stream', () => observerOf(this).end({ kind: reason === COLLECTED ? 'unread' : 'cancelled' }, this));
    return native.cancel.call(this, reason);
  }),
  tee: method(function (this: ReadableStream) {
    return native.tee.call(readableOf(this, 'bytes'));
  }),
  pipeTo: method(function (this: ReadableStream, ...args: Parameters<typeof native.pipeTo>) {
    return native.pipeTo.apply(readableOf(this), args);
  }),
  pipeThrough: method(function (this: ReadableStream, ...args: Parameters<typeof native.pipeThrough>) {
    return native.pipeThrough.apply(readableOf(this), args);
  }),
};

function iterate(this: ReadableStream, ...args: Parameters<typeof native.values>): AsyncIterableIterator<Uint8Array> {
  const iterator = native.values.apply(this, args) as AsyncIterableIterator<Uint8Array>;
  guard('stream', () => {
    const observer = observerOf(this);
    const { next, return: stop } = iterator;
    Object.defineProperties(iterator, {
      next: method(() => watched(next.call(iterator) as Promise<ReadResult>, observer, this)),
      return: method((value?: unknown) => {
        if (!args[0]?.preventCancel) observer.end({ kind: 'cancelled' }, this);
        return stop?.call(iterator, value);
      }),
    });
  });
  return iterator;
}

/** `reuses`: the reader fills memory the app passes in and may use again, so chunks are copied. */
function tapReader<R extends Reader>(reader: R, observer: StreamObserver, source: object, reuses = false): R {
  const { read, cancel } = reader;
  return Object.defineProperties(reader, {
    read: method((...args: Parameters<R['read']>) => watched(read.apply(reader, args), observer, source, reuses)),
    cancel: method((reason?: unknown) => {
      observer.end({ kind: 'cancelled' }, source);
      return cancel.call(reader, reason);
    }),
  });
}

/** What the app gets is read already: whatever fails on our side, it gets it. */
function watched(...[reading, ...rest]: Parameters<typeof watch>): Promise<ReadResult> {
  return guard('stream', () => watch(reading, ...rest)) ?? reading;
}

function watch(
  reading: Promise<ReadResult>,
  observer: StreamObserver,
  source: object,
  copy = false,
): Promise<ReadResult> {
  return reading.then(
    (result) => {
      if (result.value?.byteLength) observer.chunk(copy ? result.value.slice() : result.value, source);
      if (result.done) observer.end({ kind: 'finished' }, source);
      return result;
    },
    (error: unknown) => {
      if (!isReleased(error)) observer.end(isAbort(error) ? { kind: 'cancelled' } : { kind: 'failed', error }, source);
      throw error;
    },
  );
}

/** The reader has let go of the stream, which another one may go on reading. */
function isReleased(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_STATE';
}

/** What is to be piped or teed in place of the stream. */
function readableOf(stream: ReadableStream, type?: 'bytes'): ReadableStream {
  return stream.locked ? stream : (guard('stream', () => relay(stream, type)) ?? stream);
}

/**
 * A stream that reads on demand from a tapped reader of `stream`: natively piped and teed streams are read by internal
 * readers that no override can see. Like theirs, the reader of a pipe lets go of the stream at the end, that of a tee
 * never does. `bytes` keeps a byte stream a byte stream for `tee`; it hands its memory on, so chunks are copied for us.
 */
function relay(stream: ReadableStream, type?: 'bytes'): ReadableStream {
  const observer = observerOf(stream);
  const reader = native.getReader.call(stream) as ReadableStreamDefaultReader<Uint8Array>;
  const tapped = tapReader(reader, observer, stream, type === 'bytes');
  const release = (): void => {
    if (type !== 'bytes') reader.releaseLock();
  };
  return new ReadableStream(
    {
      type,
      async pull(controller: {
        enqueue(chunk: Uint8Array): void;
        close(): void;
        byobRequest?: { respond(bytes: number): void } | null;
      }) {
        const { done, value } = await tapped.read().catch((error: unknown) => {
          release();
          throw error;
        });
        if (!done) return controller.enqueue(value);
        release();
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: (reason: unknown) => tapped.cancel(reason).finally(release),
    } as ConstructorParameters<typeof ReadableStream>[0],
    type === 'bytes' ? {} : { highWaterMark: 0 },
  );
}

function observerOf(stream: ReadableStream): StreamObserver {
  const observer = observers.get(stream);
  if (!observer) throw new TypeError('stream is not tapped');
  return observer;
}

// oxlint-disable-next-line typescript/no-unsafe-function-type -- any method
function method(value: Function): PropertyDescriptor {
  return { value, writable: true, configurable: true, enumerable: false };
}
