import type { Outcome } from './outcome.ts';

/** Sees what is read of one stream. */
export interface StreamObserver {
  /** A piece of the body as the app got it. Kept by reference: pass a copy if the app may reuse the memory. */
  chunk(bytes: Uint8Array, source: object): void;
  /** The body ended; only the first call counts. */
  end(outcome: Outcome, source?: object): void;
  /** Something through which the app can still read was created. */
  retain(readable: object): void;
}

/**
 * Sees what the app reads of one response. A response can be read through several objects (a clone, the body beside
 * `json()`): the first to deliver anything owns the observation and the others are ignored, so nothing counts twice.
 */
export interface ResponseObserver extends StreamObserver {
  /** The whole body as text. */
  text(value: string, source: object): void;
  /** The whole body, parsed by the app's own call. */
  parsed(value: unknown, source: object): void;
  /** What was {@link StreamObserver.retain retained} was collected. */
  release(): void;
}
