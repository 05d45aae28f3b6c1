import type { LlmCall } from '../model/llm-call.ts';
import type { SpanView } from '../model/span.ts';
import { OURS } from '../semconv/attributes.ts';
import { defined } from '../util/json-read.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { genAi } from './gen-ai.ts';

/**
 * What a span says, in its dialect. It may have been told, by this package, what was seen of its call on the wire: that
 * holds, for it is what the provider said itself, and the rest is as the instrumentation has it.
 */
export function readingOf(dialect: Dialect, span: SpanView): DialectReading {
  const reading = dialect.read(span);
  if (span.attributes[OURS.countedIn] !== undefined) return withoutUsage(reading);
  const isTold = span.attributes[OURS.usageFormat] !== undefined || span.attributes[OURS.billing] !== undefined;
  const wire = isTold && dialect !== genAi ? genAi.read(span).call : undefined;
  return wire ? merge(reading, wire) : reading;
}

/** A span that repeats the call of another span is around it in all but its place. */
function withoutUsage({ stated: _stated, call, ...reading }: DialectReading): DialectReading {
  const { usage: _usage, rawUsage: _rawUsage, ...rest } = call ?? {};
  return { ...reading, type: 'chain', ...(call && { call: rest as LlmCall }) };
}

function merge({ stated, ...reading }: DialectReading, wire: LlmCall): DialectReading {
  const { call } = reading;
  const { provider, requestModel, responseModel, responseId, server, usage, rawUsage, problems } = wire;
  // What the app itself says that a call has cost holds all the same.
  const billedUsd = usage?.billedUsd ?? (stated && call?.usage?.billedUsd);
  return {
    ...reading,
    call: {
      ...wire,
      ...call,
      ...defined({ provider, requestModel, responseModel, responseId, server, rawUsage }),
      ...(usage && { usage: { ...usage, ...defined({ billedUsd }) } }),
      parameters: { ...wire.parameters, ...call?.parameters },
      problems,
    },
  };
}
