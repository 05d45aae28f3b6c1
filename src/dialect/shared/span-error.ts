import type { CallError } from '../../model/llm-call.ts';
import type { SpanView } from '../../model/span.ts';
import { ERROR_TYPE, HTTP_STATUS } from '../../semconv/attributes.ts';
import { asNumber, asString, defined } from '../../util/json-read.ts';

const ERROR_STATUS = 2;

/** Why the work of a span failed, as every instrumentation says it: in its status and its exception event. */
export function readError({ attributes, status, events }: SpanView): CallError | undefined {
  const type = asString(attributes[ERROR_TYPE]);
  if (type === undefined && status.code !== ERROR_STATUS) return undefined;
  const exception = events.find((event) => event.name === 'exception')?.attributes;
  return {
    // `_OTHER` is the conventions' own value for an error nobody classified.
    type: type ?? asString(exception?.['exception.type']) ?? '_OTHER',
    ...defined({
      message: status.message || asString(exception?.['exception.message']),
      status: asNumber(attributes[HTTP_STATUS]),
    }),
  };
}
