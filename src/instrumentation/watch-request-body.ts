import type { Writable } from 'node:stream';
import { guard } from '../util/guard.ts';
import { BodyBuffer } from '../wire/body-buffer.ts';
import { type Exchange, MAX_REQUEST_BYTES } from './exchange.ts';

/** Keeps references to what the app writes; bytes it may reuse after the callback are copied by Node as they are by us. */
export function watchRequestBody(request: Writable, exchange: Exchange): void {
  const kept = new BodyBuffer(MAX_REQUEST_BYTES);
  exchange.requestBody = kept;
  const { write, end } = request;
  const keep = (chunk: unknown, encoding: unknown): void =>
    guard('request body', () => {
      if (typeof chunk === 'string')
        kept.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
      else if (chunk instanceof Uint8Array) kept.push(chunk);
    });
  request.write = function (this: Writable, ...parameters: unknown[]) {
    keep(parameters[0], parameters[1]);
    return write.apply(this, parameters as Parameters<typeof write>);
  } as typeof write;
  request.end = function (this: Writable, ...parameters: unknown[]) {
    keep(parameters[0], parameters[1]);
    return end.apply(this, parameters as Parameters<typeof end>);
  } as typeof end;
}
