import type { ReadableStream } from 'node:stream/web';
import { guard } from '../util/guard.ts';
import type { ResponseObserver } from './observer.ts';
import { isAbort } from './outcome.ts';
import { tapStream } from './stream-tap.ts';

/**
 * Observes what the app reads of a fetch `Response`, on the instance itself: `json()`, `text()`, `body`, ... stay the
 * native ones with a look at their result, so the app gets the same objects and we need no copy and no second parse.
 */
export function tapResponse(response: Response, observer: ResponseObserver): void {
  observers.set(response, observer);
  observer.retain(response);
  Object.defineProperties(response, overrides);
}

/** Shows what was read to the observer; resolves where it has to be read once more for that. */
type Deliver<T> = (observer: ResponseObserver, value: T, source: object) => void | Promise<void>;

const observers = new WeakMap<Response, ResponseObserver>();
const native = Response.prototype;
const nativeBody = Object.getOwnPropertyDescriptor(native, 'body')?.get as () => ReadableStream | null;

const overrides: PropertyDescriptorMap = {
  ...consumer<unknown>('json', (observer, value, source) => observer.parsed(value, source)),
  ...consumer<string>('text', (observer, value, source) => observer.text(value, source)),
  ...consumer<ArrayBuffer>('arrayBuffer', (observer, value, source) => observer.chunk(new Uint8Array(value), source)),
  ...consumer<Uint8Array>('bytes', (observer, value, source) => observer.chunk(value, source)),
  ...consumer<Blob>('blob', deliverBlob),
  ...consumer<FormData>('formData', () => {}),
  clone: {
    value(this: Response): Response {
      const copy = native.clone.call(this);
      guard('response.clone', () => {
        const observer = observers.get(this);
        if (observer) tapResponse(copy, observer);
      });
      return copy;
    },
    writable: true,
    configurable: true,
  },
  body: {
    get(this: Response): ReadableStream | null {
      const body = nativeBody.call(this);
      const observer = observers.get(this);
      // `clone()` gives the response another body, so each one seen is tapped.
      if (body && observer) guard('response.body', () => tapStream(body, observer));
      return body;
    },
    configurable: true,
  },
};

/** A body method, if this Node has it (`bytes` is newer), whose result is shown to the observer. */
function consumer<T>(name: string, deliver: Deliver<T>): PropertyDescriptorMap {
  const original = (native as unknown as Record<string, (() => Promise<T>) | undefined>)[name];
  if (!original) return {};
  function value(this: Response): Promise<T> {
    const observer = observers.get(this);
    // A read that is bound to fail because another one has the body is not the call's outcome.
    const readable = observer && !this.bodyUsed && nativeBody.call(this)?.locked === false;
    const reading = original?.call(this) as Promise<T>;
    if (!readable) return reading;
    return reading.then(
      (result) => {
        const end = (): void => observer.end({ kind: 'finished' }, this);
        guard(`response.${name}`, () => {
          const delivery = deliver(observer, result, this);
          if (delivery) void delivery.then(end, end);
          else end();
        });
        return result;
      },
      (error: unknown) => {
        observer.end(isAbort(error) ? { kind: 'cancelled' } : { kind: 'failed', error }, this);
        throw error;
      },
    );
  }
  return { [name]: { value, writable: true, configurable: true } };
}

/** Media is not looked at: what a blob holds has to be copied to be seen. */
function deliverBlob(observer: ResponseObserver, blob: Blob, source: object): Promise<void> | undefined {
  if (!/json|^text\//.test(blob.type)) return undefined;
  return blob.arrayBuffer().then((bytes) => observer.chunk(new Uint8Array(bytes), source));
}
