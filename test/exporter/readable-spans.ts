import type { ReadableSpanLike } from '../../src/exporter/readable-span.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

/** A span id made of a readable name. */
function idOf(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(16, '0').slice(0, 16);
}

export interface SpanSketch {
  name: string;
  parent?: string;
  parentIsRemote?: boolean;
  attributes?: Record<string, unknown>;
  kind?: number;
}

/** An ended span of SDK 2.x or later. */
export function readableSpan({
  name,
  parent,
  parentIsRemote = false,
  attributes = {},
  kind = 0,
}: SpanSketch): ReadableSpanLike {
  const place = { traceId: TRACE, traceFlags: 1 };
  return {
    name,
    kind,
    spanContext: () => ({ ...place, spanId: idOf(name) }),
    ...(parent !== undefined && { parentSpanContext: { ...place, spanId: idOf(parent), isRemote: parentIsRemote } }),
    startTime: [1_750_000_000, 0],
    endTime: [1_750_000_001, 0],
    status: { code: 0 },
    attributes,
    events: [],
    links: [],
    resource: { attributes: { 'service.name': 'shop' } },
    instrumentationScope: { name: 'test', version: '1' },
  };
}

/** The same span as SDK 1.x has it: it does not say whether its parent is remote. */
export function readableSpanOfSdk1(sketch: SpanSketch): ReadableSpanLike {
  const { parentSpanContext, instrumentationScope, ...span } = readableSpan(sketch);
  return { ...span, parentSpanId: parentSpanContext?.spanId, instrumentationLibrary: instrumentationScope };
}

export const LLM = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 100,
};
