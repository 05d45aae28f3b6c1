import type { Outcome } from './outcome.ts';

/**
 * Sees what the app reads of one response. A response can be read through several objects (a clone, the body beside
 * `json()`): the first to deliver anything owns the observation and the others are ignored, so nothing counts twice.
 */
export interface ResponseObserver {
  /** A piece of the body as the app got it. Kept by reference: pass a copy if the app may reuse the memory. */
  chunk(bytes: Uint8Array, source: object): void;
  /** The whole body as text. */
  text(value: string, source: object): void;
  /** The whole body, parsed by the app's own call. */
  parsed(value: unknown, source: object): void;
  /** The response ended; only the first call counts. */
  end(outcome: Outcome, source?: object): void;
  /** Something through which the app can still read was created; {@link ResponseObserver.release} when it is collected. */
  retain(readable: object): void;
  release(): void;
}
