import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, expect, test, vi } from 'vitest';
import { parsePrices } from '../../src/cost/index.ts';
import { type ExporterOptions, LlmSpanProcessor } from '../../src/exporter/index.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import { toAttributes } from '../../src/semconv/write.ts';
import { pricesOf, startPriceServer, withEtag } from '../refresh/price-server.ts';
import { RecordingDelivery } from '../support/recording-delivery.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { LLM } from './readable-spans.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** The attributes that a span gets in Langfuse. */
async function exported(
  attributes: Record<string, unknown>,
  options: ExporterOptions = {},
): Promise<Record<string, unknown>> {
  const delivery = new RecordingDelivery();
  const processor = new LlmSpanProcessor({ delivery, ...options });
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
  tracer.startSpan('chat', { attributes: attributes as Record<string, string> }).end();
  await processor.forceFlush();
  await processor.shutdown();
  return delivery.span('chat').attributes;
}

function costOf(attributes: Record<string, unknown>): unknown {
  const cost = attributes['langfuse.observation.cost_details'];
  return cost === undefined ? undefined : (JSON.parse(String(cost)) as unknown);
}

const PRICES = '{"models": [{"model": "gpt-4o-mini", "prices": {"input": 1, "output": 2}}]}';

function stderr(): () => string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  return () => write.mock.calls.map(([text]) => String(text)).join('');
}

test('prices of the user are an option, a file or a variable', async () => {
  const file = path.join(temporaryDirectory(), 'prices.json');
  writeFileSync(file, PRICES);
  const expected = { input: 0.001, output: 0.0002, total: 0.0012 };
  expect(costOf(await exported(LLM, { prices: parsePrices(PRICES) }))).toEqual(expected);
  expect(costOf(await exported(LLM, { prices: file }))).toEqual(expected);
  vi.stubEnv('OTEL_LANGFUSE_PRICES', file);
  expect(costOf(await exported(LLM))).toEqual(expected);
});

test('a bad file is told of with its line, and the built-in prices hold', async () => {
  const said = stderr();
  const file = path.join(temporaryDirectory(), 'prices.json');
  writeFileSync(file, '{\n"models": [7]\n}');
  expect(costOf(await exported(LLM, { prices: file }))).toMatchObject({ input: 0.00015, output: 0.00006 });
  expect(said()).toContain(`${file}, line 2: an object is expected. Using the built-in prices.`);
});

test('a model without a price is told of once, with what can be done', async () => {
  const said = stderr();
  const attributes = { ...LLM, 'gen_ai.request.model': 'gpt-4o-minny' };
  expect(costOf(await exported(attributes))).toBeUndefined();
  await exported(attributes);
  expect(said().match(/no price is known for model gpt-4o-minny of openai; OTEL_LANGFUSE_PRICES/g)).toHaveLength(1);
});

test('a call that reports other units than tokens has its cost, by what was asked for', async () => {
  const call: LlmCall = {
    operation: 'generate_content',
    provider: 'openai',
    requestModel: 'dall-e-3',
    parameters: { outputType: 'image', other: { size: '1792x1024', quality: 'hd' } },
    usage: {
      units: { images: 2 },
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
    },
    problems: [],
  };
  const attributes = toAttributes(call, { captureContent: true, maxContentLength: 1000 });
  expect(costOf(await exported(attributes))).toMatchObject({ images: 0.24 });
});

const NEW = {
  ...LLM,
  'gen_ai.provider.name': 'acme',
  'gen_ai.request.model': 'new-1',
  'gen_ai.response.model': 'new-1',
};

test('newer prices from the network are named by the calls they price, and no export waits for them', async () => {
  const said = stderr();
  const server = await startPriceServer(withEtag(pricesOf(1), '"1"'));
  vi.stubEnv('OTEL_LANGFUSE_DISABLED', 'true');
  vi.stubEnv('OTEL_LANGFUSE_PRICES_URL', server.url);
  const off = new LlmSpanProcessor();
  await new Promise((resolve) => void setTimeout(resolve, 50));
  await off.shutdown();
  expect(server.requests).toEqual([]);

  vi.stubEnv('OTEL_LANGFUSE_DISABLED', 'false');
  vi.stubEnv('OTEL_LANGFUSE_DURABILITY', 'memory');
  let answer: (() => void) | undefined;
  server.answer = (_request, response) => void (answer = () => void response.end(pricesOf(1)));
  const processor = new LlmSpanProcessor({ delivery: new RecordingDelivery() });
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  // Still under way: exported all the same, without them.
  expect(costOf(await exported(NEW))).toBeUndefined();
  answer?.();
  await vi.waitFor(async () => expect(costOf(await exported(NEW))).toMatchObject({ total: 0.0011 }));
  expect(JSON.stringify(await exported(NEW))).toContain('/prices.json sha256:');
  expect(server.requests).toHaveLength(1);
  await processor.shutdown();
  expect(said()).not.toContain('The prices in force stay');
});
