import type { ClientRequest, IncomingMessage } from 'node:http';
import { guard } from '../util/guard.ts';
import { type Exchange, MAX_REQUEST_BYTES } from './exchange.ts';
import { askForUsage, mayAskForUsage, UsageEventFilter } from './stream-usage.ts';

type Callback = () => void;

/**
 * Has the usage of a stream reported, whose request is written in pieces: they are held back until the request is
 * whole, or too long to be held. A response to it cannot be compressed, because an event is to be taken out of it.
 * @returns whether usage was asked for, known when the response comes
 */
export function requestUsage(request: ClientRequest, exchange: Exchange): () => boolean {
  if (!mayAskForUsage(exchange)) return () => false;
  const { write, end } = request;
  let held: Buffer[] | undefined = [];
  let heldBytes = 0;
  let hasAsked = false;

  /** Sends what is held, as it is, and holds no more. */
  function letGo(this: ClientRequest): void {
    const chunks = held ?? [];
    held = undefined;
    for (const chunk of chunks) write.call(this, chunk, 'utf8');
  }

  request.write = function (this: ClientRequest, ...parameters: unknown[]) {
    const chunk = held && bytesOf(parameters[0], parameters[1]);
    if (!held || !chunk || isTooLate(this)) {
      letGo.call(this);
      return write.apply(this, parameters as Parameters<typeof write>);
    }
    held.push(chunk);
    heldBytes += chunk.byteLength;
    const callback = callbackOf(parameters);
    if (callback) process.nextTick(callback);
    if (heldBytes > MAX_REQUEST_BYTES) letGo.call(this);
    return true;
  } as typeof write;

  request.end = function (this: ClientRequest, ...parameters: unknown[]) {
    const last = typeof parameters[0] === 'function' ? undefined : parameters[0];
    const chunk = held && (last === undefined || last === null ? Buffer.alloc(0) : bytesOf(last, parameters[1]));
    const asked = held && chunk && !isTooLate(this) ? wholeWithUsage(this, [...held, chunk]) : undefined;
    if (asked === undefined) {
      letGo.call(this);
      return end.apply(this, parameters as Parameters<typeof end>);
    }
    held = undefined;
    hasAsked = true;
    return end.call(this, asked, 'utf8', callbackOf(parameters));
  } as typeof end;

  return () => hasAsked;
}

/** The whole request with usage asked for, its headers made to fit. */
function wholeWithUsage(request: ClientRequest, chunks: readonly Buffer[]): string | undefined {
  return guard('stream usage', () => {
    const body = askForUsage(Buffer.concat(chunks).toString('utf8'));
    if (body === undefined) return undefined;
    if (request.hasHeader('content-length')) request.setHeader('content-length', Buffer.byteLength(body));
    if (request.hasHeader('accept-encoding')) request.setHeader('accept-encoding', 'identity');
    return body;
  });
}

/** Headers that have gone out say how long the body is. */
function isTooLate(request: ClientRequest): boolean {
  return request.headersSent;
}

function callbackOf(parameters: readonly unknown[]): Callback | undefined {
  return parameters.findLast((parameter): parameter is Callback => typeof parameter === 'function');
}

function bytesOf(chunk: unknown, encoding: unknown): Buffer | undefined {
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  // A copy: the app may use its memory again once it is told that the chunk was written.
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : undefined;
}

/** Takes the event that was asked for here out of what goes into the response's buffer. */
export function withholdUsage(response: IncomingMessage, exchange: Exchange): void {
  const filter = new UsageEventFilter();
  const { push } = response;
  response.push = function (this: IncomingMessage, chunk: unknown, encoding?: BufferEncoding) {
    const isEvents = exchange.framing && !exchange.contentEncoding;
    if (!isEvents || !(chunk === null || chunk instanceof Uint8Array)) return push.call(this, chunk, encoding);
    const visible = chunk === null ? filter.end() : filter.push(chunk).visible;
    // The parser goes on reading where nothing new waits for the app.
    const wantsMore = visible.byteLength > 0 ? push.call(this, visible) : true;
    return chunk === null ? push.call(this, null) : wantsMore;
  };
}
