/**
 * `OTEL_LANGFUSE_STREAM_USAGE=inject`: has the usage of an OpenAI-compatible stream reported where the app did not ask
 * for it, and takes the event that reports it out of what the app reads.
 */
import { inferProvider } from '../protocol/provider.ts';
import { asArray, asObject, parseJson } from '../util/json-read.ts';
import type { Exchange } from './exchange.ts';

/** Protocols with the option `stream_options.include_usage`. */
const PROTOCOLS: ReadonlySet<string> = new Set(['openai.chat', 'openai.completions']);
/** Refuse a request with that option; their streams report usage without it. */
const REFUSING: ReadonlySet<string> = new Set(['mistral_ai']);

/** Bytes of one event held back until it is whole; one longer than that passes unseen. */
const MAX_HELD_BYTES = 1024 * 1024;

/** Whether usage may be asked for in the request of this exchange. */
export function mayAskForUsage({ protocol, url }: Exchange): boolean {
  return PROTOCOLS.has(protocol.id) && !REFUSING.has(inferProvider(url.host, url.path, protocol));
}

/**
 * The text of a request that asks for a stream, with its usage asked for, otherwise character for character the same;
 * `undefined` where that is not possible or not needed.
 */
export function askForUsage(text: string): string | undefined {
  const body = asObject(parseJson(text));
  if (body?.stream !== true) return undefined;
  if (!('stream_options' in body))
    return text.replace(/\}\s*$/, (end) => `,"stream_options":{"include_usage":true}${end}`);
  if (asObject(body.stream_options)?.include_usage === true) return undefined;
  // A second `stream_options` would be one of two: it has to be replaced, which only text of a known form allows.
  if (JSON.stringify(body) !== text) return undefined;
  return JSON.stringify({ ...body, stream_options: { ...asObject(body.stream_options), include_usage: true } });
}

/** What of a stream is for the app, and what was only reported because we asked. */
export interface Sifted {
  visible: Uint8Array;
  withheld?: Uint8Array;
}

/** Takes the event that has only usage out of a stream of server-sent events. Other bytes stay as they are, in order. */
export class UsageEventFilter {
  #held: Uint8Array = EMPTY;
  #gaveUp = false;

  /** What this chunk completes. Events pass whole: the beginning of one waits for its end. */
  push(chunk: Uint8Array): Sifted {
    if (this.#gaveUp) return { visible: chunk };
    const bytes = this.#held.byteLength === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const visible: Uint8Array[] = [];
    let withheld: Uint8Array | undefined;
    let start = 0;
    for (let end = endOfEvent(bytes, start); end !== -1; end = endOfEvent(bytes, start)) {
      const event = bytes.subarray(start, end);
      if (hasOnlyUsage(event)) withheld = event;
      else visible.push(event);
      start = end;
    }
    this.#held = bytes.subarray(start);
    if (this.#held.byteLength > MAX_HELD_BYTES) {
      this.#gaveUp = true;
      visible.push(this.end());
    }
    return { visible: Buffer.concat(visible), ...(withheld && { withheld }) };
  }

  /** What was held back of an event that the end of the stream cut. */
  end(): Uint8Array {
    const held = this.#held;
    this.#held = EMPTY;
    return held;
  }
}

const EMPTY = new Uint8Array();
const LF = 0x0a;
const CR = 0x0d;

/** The index after the empty line that ends the event at `start`, lines ending in LF or CRLF. */
function endOfEvent(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(LF, start); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

function hasOnlyUsage(event: Uint8Array): boolean {
  const text = Buffer.from(event.buffer, event.byteOffset, event.byteLength).toString('utf8');
  if (!text.includes('"usage"')) return false;
  const data = asObject(parseJson(text.slice(text.indexOf('data:') + 'data:'.length)));
  return asArray(data?.choices)?.length === 0 && asObject(data?.usage) !== undefined;
}
