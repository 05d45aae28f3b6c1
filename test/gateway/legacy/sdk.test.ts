import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { calculateCost } from '../../../src/cost/index.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { recordingGateway } from '../gateways.ts';
import { KEYS, runSdkApp } from './run-sdk-app.ts';
import { attribute, costOf, lastOfEach, named, usageOf } from './sent-spans.ts';
import { startStandInLangfuse } from './stand-in-langfuse.ts';

/** The first run installs the SDK. */
const TIMEOUT = 150_000;

const idOf = (text: string, digits: number): string => createHash('sha256').update(text).digest('hex').slice(0, digits);

const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });

const listPrice = (model: string, usage: Record<string, number>): number | undefined => {
  const { total: _total, ...buckets } = usage;
  return calculateCost({ model, usage: buckets }).usd;
};

describe('langfuse 3', () => {
  test('calls by hand come with their usage, their cost and their trace', { timeout: TIMEOUT }, async () => {
    const { gateway, delivery } = await recordingGateway();
    const ids = (await runSdkApp('manual.mjs', gateway.url)) as Record<'traceId' | 'customId' | 'spanId', string>;
    const spans = lastOfEach(delivery.spans);
    const find = (name: string): ReturnType<typeof named> => named(spans, name);

    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([idOf(ids.traceId, 32)]));
    const root = find('document-qa');
    for (const span of spans) {
      expect(span.attributes).toMatchObject({
        'user.id': 'user-123',
        'session.id': 'conversation-456',
        'langfuse.trace.name': 'document-qa',
        'langfuse.trace.public': true,
        'langfuse.release': 'r-7',
        'langfuse.environment': 'staging',
        'langfuse.trace.metadata.original_id': ids.traceId,
      });
      expect(new Set(attribute(span, 'trace.tags') as string[])).toEqual(new Set(['feature:document-qa', 'answered']));
    }
    expect(root.parentSpanId).toBeUndefined();
    expect(root.attributes).toMatchObject({
      'langfuse.trace.input': '{"question":"Why?"}',
      'langfuse.trace.output': 'Because.',
      'langfuse.trace.metadata.feature': 'document-qa',
      'langfuse.trace.metadata.settings': '{"depth":2}',
      'langfuse.trace.metadata.answered': true,
      'langfuse.version': 'v2',
    });
    expect(root.endTimeUnixNano >= find('details').endTimeUnixNano).toBe(true);

    const custom = find('custom-llm-call');
    expect([custom.spanId, custom.parentSpanId]).toEqual([idOf(ids.customId, 16), root.spanId]);
    expect(usageOf(custom)).toEqual({ input: 1500, output: 500, total: 2000 });
    expect(costOf(custom)).toBeUndefined();
    expect(custom.attributes).toMatchObject({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.model.name': 'my-custom-model',
      'langfuse.observation.input': 'a prompt',
      'langfuse.observation.output': 'a response',
      'langfuse.observation.metadata.original_id': ids.customId,
    });

    const inMetadata = find('cost in metadata');
    expect([usageOf(inMetadata), costOf(inMetadata)]).toEqual([{ input: 1200, output: 300, total: 1500 }, undefined]);
    expect(attribute(inMetadata, 'observation.metadata.totalCost')).toBeCloseTo(0.021);
    expect(attribute(inMetadata, 'observation.metadata.modelPricing')).toBe('{"input":0.01,"output":0.03}');

    const embedding = find('embed-documents');
    expect([usageOf(embedding), costOf(embedding)]).toEqual([{ total: 0 }, undefined]);
    expect(attribute(embedding, 'observation.metadata.usage')).toBe('{"input":4321,"unit":"CHARACTERS"}');

    const usage = { input: 100, output: 50, total: 150 };
    expect([usageOf(find('openai names')), costOf(find('openai names'))?.total]).toEqual([
      usage,
      listPrice('gpt-4', usage),
    ]);
    expect([usageOf(find('openai names with cost')), costOf(find('openai names with cost'))]).toEqual([
      usage,
      { total: 0.0123 },
    ]);
    expect(costOf(find('costs of the user'))).toEqual({ input: 0.1, output: 0.2, total: 0.3 });

    const details = find('details');
    expect(usageOf(details)).toEqual({ input: 86, input_cached_tokens: 1920, output: 300, total: 2306 });
    expect(costOf(details)?.total).toBe(listPrice('gpt-4o', usageOf(details) as Record<string, number>));
    expect(details.attributes).toMatchObject({
      'langfuse.observation.level': 'WARNING',
      'langfuse.observation.status_message': 'slow',
      'langfuse.observation.completion_start_time': expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(find('with prompt').attributes).toMatchObject({
      'langfuse.observation.prompt.name': 'qa',
      'langfuse.observation.prompt.version': 3,
      'langfuse.observation.model.parameters': '{"temperature":0.2,"stop":["x"]}',
    });

    const retrieval = find('retrieval');
    expect([retrieval.spanId, retrieval.parentSpanId]).toEqual([idOf(ids.spanId, 16), root.spanId]);
    expect(find('inside').parentSpanId).toBe(retrieval.spanId);
    expect(find('cache miss')).toMatchObject({ parentSpanId: retrieval.spanId });
    expect(attribute(find('cache miss'), 'observation.type')).toBe('event');
    const unfinished = spans.filter((span) => attribute(span, 'observation.metadata.unfinished') === true);
    expect(unfinished.map(({ name }) => name)).toEqual(['never ends']);
  });

  test('LangChain: what its handler takes out of the input is not lost', { timeout: TIMEOUT }, async () => {
    const { gateway, delivery } = await recordingGateway();
    const calls = [
      {
        model: 'gpt-4o-2024-08-06',
        usage: {
          input_tokens: 2006,
          output_tokens: 300,
          total_tokens: 2306,
          input_token_details: { cache_read: 1920, audio: 0 },
          output_token_details: { reasoning: 200, audio: 0 },
        },
      },
      // As LangChain's Anthropic client before 1.0: caches beside the input.
      {
        model: 'claude-sonnet-4-5-20250929',
        usage: {
          input_tokens: 24,
          output_tokens: 9,
          total_tokens: 33,
          input_token_details: { cache_read: 2000, cache_creation: 100 },
        },
      },
    ];
    await runSdkApp('langchain.mjs', gateway.url, { CALLS: JSON.stringify(calls) });
    const generations = lastOfEach(delivery.spans).filter(
      (span) => attribute(span, 'observation.type') === 'generation',
    );
    const byModel = new Map(generations.map((span) => [attribute(span, 'observation.model.name'), span]));
    const expected = [
      { input: 86, input_cached_tokens: 1920, output: 100, output_reasoning_tokens: 200, total: 2306 },
      { input: 24, input_cached_tokens: 2000, input_cache_creation: 100, output: 9, total: 2133 },
    ];
    for (const [index, { model }] of calls.entries()) {
      const generation = byModel.get(model);
      const usage = expected[index] ?? {};
      expect(generation && usageOf(generation)).toEqual(usage);
      expect(generation && costOf(generation)?.total).toBe(listPrice(model, usage as Record<string, number>));
      expect(generation?.attributes).toMatchObject({
        'user.id': 'user-123',
        'session.id': 'conversation-456',
        'langfuse.trace.tags': ['feature:document-qa'],
      });
    }
    expect(generations).toHaveLength(calls.length);
  });

  test('its OpenAI wrapper: parts inside their whole are not added to it', { timeout: TIMEOUT }, async () => {
    const { gateway, delivery } = await recordingGateway();
    const usage = {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 200,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    };
    await runSdkApp('observe-openai.mjs', gateway.url, { USAGE: JSON.stringify(usage) });
    const generations = lastOfEach(delivery.spans).filter(
      (span) => attribute(span, 'observation.type') === 'generation',
    );
    const failed = generations.find((span) => attribute(span, 'observation.level') === 'ERROR');
    const answered = generations.find((span) => span !== failed);
    const buckets = { input: 86, input_cached_tokens: 1920, output: 100, output_reasoning_tokens: 200, total: 2306 };
    expect(answered && usageOf(answered)).toEqual(buckets);
    expect(answered && costOf(answered)?.total).toBe(listPrice('gpt-4o-2024-08-06', buckets));
    // Not absent: Langfuse would count the text.
    expect(failed && [usageOf(failed), costOf(failed)?.total]).toEqual([{ total: 0 }, 0]);
  });

  test('scores and reads are those of Langfuse, under the ids that are there', { timeout: TIMEOUT }, async () => {
    const langfuse = await startStandInLangfuse();
    const trace = 'b4f9c8de-0000-4000-8000-c0ffee000000';
    const traceId = idOf(trace, 32);
    const spanId = idOf('my generation', 16);
    langfuse.answers = {
      'POST /api/public/ingestion': { status: 207, body: { successes: [], errors: [] } },
      [`GET /api/public/traces/${traceId}`]: ok({ id: traceId, totalCost: 0.5 }),
      'GET /api/public/traces?userId=user-123&limit=10': ok({ data: [{ id: traceId }], meta: {} }),
      [`GET /api/public/observations/${spanId}`]: ok({ id: spanId }),
      [`GET /api/public/observations?traceId=${traceId}`]: ok({ data: [{ id: spanId }], meta: {} }),
      'GET /api/public/traces/older%20trace': ok({ id: 'older trace' }),
      'GET /api/public/v2/prompts/qa': ok({
        name: 'qa',
        version: 3,
        type: 'text',
        prompt: 'Answer',
        labels: [],
        tags: [],
      }),
    };
    const { gateway } = await recordingGateway({
      projects: { default: { ...KEYS, baseUrl: langfuse.baseUrl, spool: { directory: temporaryDirectory() } } },
    });
    expect(await runSdkApp('reads.mjs', gateway.url, { TRACE_ID: trace })).toEqual({
      fetched: { id: traceId, totalCost: 0.5 },
      traces: [{ id: traceId }],
      observation: { id: spanId },
      observations: [{ id: spanId }],
      older: { id: 'older trace' },
      prompt: 'Answer',
    });
    const batches = langfuse.asked.filter(({ url }) => url === '/api/public/ingestion').map(({ body }) => body);
    const scores = batches.flatMap((body) => (body as { batch: { type: string; body: object }[] }).batch);
    expect(scores).toMatchObject([
      { type: 'score-create', body: { name: 'quality', value: 0.9, comment: 'good', traceId } },
      { type: 'score-create', body: { name: 'tone', value: 'friendly', traceId, observationId: spanId } },
    ]);
    const basic = `Basic ${Buffer.from(`${KEYS.publicKey}:${KEYS.secretKey}`).toString('base64')}`;
    expect(new Set(langfuse.asked.map(({ headers }) => headers.authorization))).toEqual(new Set([basic]));
  });
});
