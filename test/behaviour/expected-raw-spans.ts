import type { StandInExchange } from '../support/stand-in-provider.mjs';
import { type Counts, countBy } from './expected-spans.ts';

/** Bodies that could be seen only by reading them before the app's request does: their model stays unknown. */
const UNSEEN = new Set([
  'fetch with a data view',
  'fetch with a blob',
  'fetch with form fields',
  'fetch with a stream',
  'fetch with an async iterable',
]);

/** Calls that fail before the provider sees them, two of them without a body of which a model could be read. */
const NEVER_SENT: Counts = {
  'fetch, connection refused': 1,
  'fetch, aborted before': 1,
  'http, connection refused': 1,
  'http, an error nobody listens for': 1,
  undefined: 2,
};

/** What the app sees fail, but for calls it gave up itself after the response had begun. */
const FAILED = [
  'fetch of an error',
  'fetch, connection refused',
  'fetch, hang and abort',
  'fetch, abort with a reason',
  'fetch, aborted before',
  'fetch, cut',
  'fetch, cut stream in a loop',
  'fetch, cut stream teed',
  'fetch, cut stream through a transform',
  'response.formData()',
  'not what it says',
  'http, response destroyed with an error',
  'http, request destroyed',
  'http, aborted by a signal',
  'http, timeout',
  'http, cut',
  'http, connection refused',
  'http, error',
  'http, an error nobody listens for',
  'undefined',
];

/** One span an exchange, and one a call that failed on its way. */
export function expectedRawSpans(exchanges: readonly StandInExchange[]): Counts {
  const calls = exchanges.filter(({ path }) => path === '/v1/chat/completions');
  const counts = countBy(calls, ({ body }) => (UNSEEN.has(String(body.model)) ? 'undefined' : String(body.model)));
  for (const [scenario, count] of Object.entries(NEVER_SENT)) counts[scenario] = (counts[scenario] ?? 0) + count;
  return counts;
}

export function expectedRawErrors(): string[] {
  return FAILED.toSorted();
}
