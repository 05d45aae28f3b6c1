import type { Json, JsonObject } from '../model/json.ts';
import { asCount, asObject, asObjects, asString, parseJson } from '../util/json-read.ts';
import type { SendOutcome } from './sender.ts';

/** An answer as far as it matters. */
export interface HttpAnswer {
  status: number;
  retryAfter?: string;
  body: string;
}

type Read = (answer: HttpAnswer, now: number) => SendOutcome;

const accepted: Read = ({ body }) => ({ kind: 'accepted', rejectedSpans: rejectedSpans(body) });
const refused: Read = ({ status }) => ({ kind: 'refused', cause: `HTTP ${status}` });
const tooLarge: Read = () => ({ kind: 'too-large' });
const invalid: Read = ({ status, body }) => ({ kind: 'invalid', status, words: serverWords(body) });
const retry: Read = ({ status, retryAfter }, now) => {
  const afterMs = retryAfterMs(retryAfter, now);
  return { kind: 'retry', cause: `HTTP ${status}`, ...(afterMs !== undefined && { afterMs }) };
};

/**
 * The first row a status falls into says what it means. Langfuse answers 500 when its storage or queue blinks, 403
 * also when a plan's limit suspends ingestion, and 400 to a whole request if one span is malformed. A redirect or
 * 404/405 is a wrong address: credentials never follow it, and the records are not at fault.
 */
const MEANING: readonly (readonly [from: number, to: number, read: Read])[] = [
  [200, 299, accepted],
  [300, 399, refused],
  [401, 401, refused],
  [402, 405, refused],
  [407, 407, refused],
  [408, 408, retry],
  [413, 413, tooLarge],
  [425, 425, retry],
  [429, 429, retry],
  [400, 499, invalid],
  [500, 599, retry],
];

/** What an answer means for the records of its request. Pure. */
export function classifyResponse(answer: HttpAnswer, now: number): SendOutcome {
  const row = MEANING.find(([from, to]) => answer.status >= from && answer.status <= to);
  return row ? row[2](answer, now) : { kind: 'retry', cause: `HTTP ${answer.status}` };
}

/** A server that asks for more than an hour is asked again after one. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** `Retry-After` is seconds or an HTTP date. @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const wait = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS);
}

/** `partialSuccess.rejectedSpans` is an int64: a number or, as protobuf writes it to JSON, a string. */
function rejectedSpans(body: string): number {
  const partial = asObject(asObject(parseJson(body))?.['partialSuccess']);
  const count = partial?.['rejectedSpans'];
  return asCount(typeof count === 'string' && count !== '' ? Number(count) : count) ?? 0;
}

const MAX_WORDS = 500;

/** The parts of an error body that explain it: Langfuse sends `message` and `error`, a text or validation issues. */
function serverWords(body: string): string {
  const answer = asObject(parseJson(body));
  const words = answer ? [asString(answer['message']), describeError(answer['error'])] : [body];
  return words
    .filter((part) => part)
    .join(': ')
    .slice(0, MAX_WORDS);
}

function describeError(error: Json | undefined): string | undefined {
  const issues = asObjects(error).map(describeIssue);
  return issues.length > 0 ? issues.join('; ') : (asString(error) ?? asString(asObject(error)?.['message']));
}

function describeIssue(issue: JsonObject): string {
  const where = Array.isArray(issue['path']) ? issue['path'].join('.') : '';
  return [where, asString(issue['message']) ?? asString(issue['code'])].filter((part) => part).join(' ');
}
