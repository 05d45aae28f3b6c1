import { AwsEventStreamParser } from './aws-event-stream.ts';
import { JsonArrayParser } from './json-array.ts';
import { NdjsonParser } from './ndjson.ts';
import { SseParser } from './sse.ts';

/** One event of a stream, as its framing gives it. */
export interface FramedEvent {
  /** The event's name, where the framing has names. */
  event?: string;
  /** What it carries: JSON text in every API we know. */
  data: string;
}

/** Takes a stream apart: any split into chunks gives the same events. Holds at most one event, of bounded length. */
export interface FrameParser {
  /** The events that this chunk completes. */
  push(chunk: Uint8Array): FramedEvent[];
  /** The event that the end of the stream completes, if any. */
  end(): FramedEvent[];
}

/** A way to put events in a response body. A new one is a file and a row below. */
export interface Framing {
  /** Media types without parameters. */
  contentTypes: readonly string[];
  parser(): FrameParser;
  /** Whether a body whose content type says nothing begins like this framing. */
  looksLike(start: string): boolean;
}

const FRAMINGS: readonly Framing[] = [
  {
    contentTypes: ['text/event-stream'],
    parser: () => new SseParser(),
    looksLike: (start) => /^\s*(data|event|id|retry)?:/.test(start),
  },
  {
    contentTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/stream+json'],
    parser: () => new NdjsonParser(),
    looksLike: (start) => /^\s*\{.*\}\s*\n\s*\{/.test(start),
  },
  {
    contentTypes: ['application/vnd.amazon.eventstream'],
    parser: () => new AwsEventStreamParser(),
    looksLike: (start) => /^\0[^]{4,12}:[a-z]+-(type|code)/.test(start),
  },
  {
    // JSON by its content type: read as such where it is whole.
    contentTypes: [],
    parser: () => new JsonArrayParser(),
    looksLike: (start) => /^\s*\[\s*\{/.test(start),
  },
];

/** The framing a `Content-Type` names. */
export function framingOf(contentType: string | undefined): Framing | undefined {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  return mediaType ? FRAMINGS.find(({ contentTypes }) => contentTypes.includes(mediaType)) : undefined;
}

/** The framing a body looks like: some servers send events without saying so in the content type. */
export function sniffFraming(body: Uint8Array): Framing | undefined {
  const start = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, SNIFFED_BYTES)).toString('utf8');
  return FRAMINGS.find((framing) => framing.looksLike(start));
}

const SNIFFED_BYTES = 64 * 1024;
