import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../src/dialect/dialect.ts';
import { DIALECTS, dialectOf } from '../../src/dialect/dialects.ts';
import { readingOf } from '../../src/dialect/wire-facts.ts';
import type { SpanAttributes, SpanView } from '../../src/model/span.ts';
import type { UsageDetails } from '../../src/model/usage.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { recordOf } from '../support/record-of.ts';
import { parseRecord } from '../support/recording-delivery.ts';
import { spanOf } from '../support/span-view.ts';

/** What an instrumentation says of a call's usage. */
interface Counts {
  input: number;
  output: number;
  total?: number;
  cacheRead?: number;
}

/** How a dialect says it. */
interface Sample {
  /** What makes the span a model call of the dialect. */
  span: Pick<SpanView, 'attributes'> & Partial<SpanView>;
  counts: (counts: Counts) => SpanAttributes;
  /** Where the span has a cost; absent where the dialect knows none. */
  cost?: (usd: number) => SpanAttributes;
  /** What says in addition that the input leaves out the cache, whatever the counts look like. */
  beside?: Partial<SpanView>;
}

const MODEL = 'gpt-4o-mini';
const CALL = { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'openai', 'gen_ai.request.model': MODEL };
const CLAUDE = { ...CALL, 'gen_ai.system': 'anthropic', 'gen_ai.request.model': 'claude-sonnet-4-5' };

const written = (names: Partial<Record<string, string>>, counts: Counts): SpanAttributes =>
  Object.fromEntries(Object.entries(counts).map(([field, count]) => [names[field] ?? field, count]));

const conventional = (counts: Counts): SpanAttributes =>
  written(
    {
      input: 'gen_ai.usage.input_tokens',
      output: 'gen_ai.usage.output_tokens',
      total: 'gen_ai.usage.total_tokens',
      cacheRead: 'gen_ai.usage.cache_read.input_tokens',
    },
    counts,
  );
const conventionalCost = (usd: number): SpanAttributes => ({ 'gen_ai.usage.cost': usd });

/** A dialect that states usage as the conventions do. */
const likeConventions = (span: Sample['span'], beside?: Partial<SpanView>): Sample => ({
  span,
  counts: conventional,
  cost: conventionalCost,
  ...(beside && { beside }),
});

const vercel = (metadata: unknown): SpanAttributes => ({ 'ai.response.providerMetadata': JSON.stringify(metadata) });

const SAMPLES: Record<string, Sample> = {
  'langfuse-sdk': likeConventions({
    scope: { name: 'langfuse-sdk' },
    attributes: { 'langfuse.observation.type': 'generation', 'langfuse.observation.model.name': MODEL },
  }),
  'langfuse-attributes': likeConventions({
    attributes: { 'langfuse.observation.type': 'generation', 'langfuse.observation.model.name': MODEL },
  }),
  'open-inference': {
    span: { attributes: { 'openinference.span.kind': 'LLM', 'llm.model_name': MODEL, 'llm.system': 'openai' } },
    counts: (counts) =>
      written(
        {
          input: 'llm.token_count.prompt',
          output: 'llm.token_count.completion',
          total: 'llm.token_count.total',
          cacheRead: 'llm.token_count.prompt_details.cache_read',
        },
        counts,
      ),
    cost: (usd) => ({ 'llm.cost.total': usd }),
  },
  'vercel-ai': {
    span: {
      attributes: {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.model.id': MODEL,
        'ai.model.provider': 'openai.chat',
      },
    },
    counts: (counts) =>
      written(
        {
          input: 'ai.usage.inputTokens',
          output: 'ai.usage.outputTokens',
          total: 'ai.usage.totalTokens',
          cacheRead: 'ai.usage.cachedInputTokens',
        },
        counts,
      ),
    cost: (usd) => vercel({ gateway: { cost: String(usd) } }),
    beside: {
      attributes: {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.model.id': 'claude-sonnet-4-5',
        ...vercel({ anthropic: {} }),
      },
    },
  },
  'vercel-ai-7': likeConventions({ scope: { name: 'gen_ai' }, attributes: CALL }),
  'open-llmetry': likeConventions(
    { attributes: { ...CALL, 'traceloop.workflow.name': 'shop' } },
    { scope: { name: '@traceloop/instrumentation-anthropic', version: '0.27.0' } },
  ),
  openlit: likeConventions(
    { scope: { name: 'openlit' }, attributes: CALL },
    { scope: { name: 'openlit' }, attributes: CLAUDE },
  ),
  genkit: {
    span: {
      attributes: { 'genkit:type': 'action', 'genkit:metadata:subtype': 'model', 'genkit:name': `openai/${MODEL}` },
    },
    counts: (counts) => ({
      'genkit:output': JSON.stringify({
        usage: written(
          {
            input: 'inputTokens',
            output: 'outputTokens',
            total: 'totalTokens',
            cacheRead: 'cachedContentTokens',
          },
          counts,
        ),
      }),
    }),
  },
  langsmith: {
    span: { attributes: { ...CALL, 'langsmith.span.kind': 'llm' } },
    counts: ({ cacheRead, ...sums }) => ({
      'langsmith.usage_metadata': JSON.stringify({
        ...written({ input: 'input_tokens', output: 'output_tokens', total: 'total_tokens' }, sums),
        input_token_details: { cache_read: cacheRead },
      }),
    }),
  },
  mlflow: {
    span: {
      attributes: {
        'mlflow.spanType': '"CHAT_MODEL"',
        'mlflow.llm.model': `"${MODEL}"`,
        'mlflow.llm.provider': '"openai"',
      },
    },
    counts: (counts) => ({
      'mlflow.chat.tokenUsage': JSON.stringify(
        written(
          {
            input: 'input_tokens',
            output: 'output_tokens',
            total: 'total_tokens',
            cacheRead: 'cache_read_input_tokens',
          },
          counts,
        ),
      ),
    }),
    cost: (usd) => ({ 'mlflow.llm.cost': JSON.stringify({ total_cost: usd }) }),
  },
  sentry: likeConventions({ attributes: { ...CALL, 'sentry.op': 'gen_ai.chat' } }),
  'anthropic-sdk': likeConventions({ scope: { name: 'com.anthropic.sdk.client' }, attributes: CALL }),
  'mistral-sdk': likeConventions({ scope: { name: 'mistralai_sdk_tracer' }, attributes: CALL }),
  'pydantic-ai': {
    ...likeConventions({ scope: { name: 'pydantic-ai' }, attributes: CALL }),
    cost: (usd) => ({ 'operation.cost': usd }),
  },
  'google-adk': likeConventions({ scope: { name: 'gcp.vertex.agent' }, attributes: CALL }),
  strands: likeConventions(
    { attributes: { ...CALL, 'gen_ai.system': 'strands-agents' } },
    { attributes: { ...CLAUDE, 'gen_ai.system': 'strands-agents' } },
  ),
  livekit: likeConventions({ scope: { name: 'livekit-agents' }, attributes: CALL }),
  'spring-ai': likeConventions({ scope: { name: 'org.springframework.boot' }, attributes: CALL }),
  'gen-ai': likeConventions({ attributes: CALL }, { scope: { name: 'opentelemetry.instrumentation.bedrock' } }),
};

const TOKENS: Counts = { input: 1000, output: 10 };

/** How each dialect turns counts into a bill: the same rules everywhere, in this order. */
describe.each(DIALECTS.map((dialect) => [dialect.id, dialect] as const))('usage in %s', (id, dialect) => {
  const sample = SAMPLES[id];
  if (!sample) throw new Error(`no sample of usage in ${id}`);
  const { counts, cost } = sample;
  const spanWith = (attributes: SpanAttributes, { attributes: own, ...other }: Partial<SpanView> = {}): SpanView =>
    recognised(
      dialect,
      spanOf({ ...sample.span, ...other, attributes: { ...sample.span.attributes, ...own, ...attributes } }),
    );
  const bucketsOf = (stated: Counts, other?: Partial<SpanView>): UsageDetails | undefined => {
    const { call } = readingOf(dialect, spanWith(counts(stated), other));
    return call?.usage && toDisjointUsage(call.usage).usage;
  };
  const beside = { input: 1000, input_cached_tokens: 500, output: 10, total: 1510 };
  const inside = { input: 500, input_cached_tokens: 500, output: 10, total: 1010 };

  const { beside: knownAs } = sample;
  if (knownAs) {
    test('who made the span says first whether the cache is in the input', () => {
      expect(bucketsOf({ ...TOKENS, cacheRead: 500, total: 1010 }, knownAs)).toEqual(beside);
    });
  }

  test('a cache that is more than the input is not in it, whatever the total', () => {
    const cached = { input: 10, input_cached_tokens: 500, output: 10, total: 520 };
    expect(bucketsOf({ input: 10, output: 10, cacheRead: 500 })).toEqual(cached);
    expect(bucketsOf({ input: 10, output: 10, cacheRead: 500, total: 20 })).toMatchObject(cached);
  });

  test('else the total says, and without one it is in it', () => {
    expect(bucketsOf({ ...TOKENS, cacheRead: 500, total: 1510 })).toEqual(beside);
    expect(bucketsOf({ ...TOKENS, cacheRead: 500, total: 1010 })).toEqual(inside);
    expect(bucketsOf({ ...TOKENS, cacheRead: 500 })).toEqual(inside);
  });

  test('a count that nobody knows is metadata, and in no sum', () => {
    const span = spanWith({ ...counts(TOKENS), 'gen_ai.usage.daydreaming_tokens': 7 });
    const { attributes } = parseRecord(recordOf(span, dialect, { captureContent: true }));
    expect(attributes).toMatchObject({
      'langfuse.observation.usage_details': '{"input":1000,"output":10,"total":1010}',
      'langfuse.observation.metadata.usage.daydreaming_tokens': 7,
    });
    expect(Object.keys(attributes).filter((name) => name.startsWith('gen_ai.usage.'))).toEqual([]);
  });

  const costOf = (usd: number | undefined, model?: string): unknown => {
    const span = spanWith({ ...counts(TOKENS), ...(usd !== undefined && cost?.(usd)) });
    const renamed = model === undefined ? span : withModel(span, model);
    const { attributes } = parseRecord(recordOf(renamed, dialect, { captureContent: true }));
    return attributes['langfuse.observation.cost_details'];
  };

  if (!cost) return;
  describe('a cost', () => {
    test('of 0 is none: the price list holds, and what is in none has no cost', () => {
      expect(costOf(undefined)).toBe('{"input":0.00015,"output":0.000006,"total":0.000156}');
      expect(costOf(0)).toBe(costOf(undefined));
      expect(costOf(0, 'house-model')).toBeUndefined();
    });

    test('that was stated holds where there is no price', () => {
      expect(costOf(0.25, 'house-model')).toContain('"total":0.25');
    });
  });
});

test('each sample is of a dialect', () => {
  expect(Object.keys(SAMPLES).toSorted()).toEqual(DIALECTS.map(({ id }) => id).toSorted());
});

function recognised(dialect: Dialect, span: SpanView): SpanView {
  expect(dialectOf(span.attributes, span.scope.name)?.id).toBe(dialect.id);
  return span;
}

/** The span as of a model that no price list has. */
function withModel(span: SpanView, model: string): SpanView {
  const entries = Object.entries(span.attributes).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replaceAll(MODEL, model) : value,
  ]);
  return { ...span, attributes: Object.fromEntries(entries) as SpanAttributes };
}
