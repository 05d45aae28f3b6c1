import { describe, expect, onTestFinished, test } from 'vitest';
import { LLM } from '../exporter/readable-spans.ts';
import { ACCEPT, startSink } from '../support/langfuse-sink.ts';
import { type OtlpSink, type ReceivedSpan, startOtlpSink } from '../support/otlp-sink.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { jsonSpan, post, spanId, tracesRequest } from './gateways.ts';

const AGENT = {
  ...LLM,
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.usage.input_tokens': 2000,
  'gen_ai.usage.output_tokens': 200,
};

/** The last of each span that arrived, as Langfuse has it. */
const final = ({ spans }: OtlpSink): ReceivedSpan[] => [...new Map(spans.map((span) => [span.spanId, span])).values()];

const tokens = (spans: readonly ReceivedSpan[]): number =>
  spans.reduce((sum, { attributes }) => {
    const usage = String(attributes['langfuse.observation.usage_details'] ?? '{}');
    return sum + ((JSON.parse(usage) as { total?: number }).total ?? 0);
  }, 0);

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1_000 && !condition(); attempt++)
    await new Promise((resolve) => void setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

const environment = (baseUrl: string): Record<string, string> => ({
  LANGFUSE_BASE_URL: baseUrl,
  LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
  LANGFUSE_SECRET_KEY: 'sk-lf-1',
  OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory(),
});

const send = async (url: string, ...spans: object[]): Promise<void> => {
  expect((await post(`${url}/v1/traces`, tracesRequest(spans))).status).toBe(200);
};

describe('a gateway that is started anew', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)('after %s counts on: a late child corrects its parent', async (signal) => {
    const sink = await startOtlpSink();
    onTestFinished(() => sink.close());
    const env = environment(sink.url);
    const first = await startGatewayProcess(env);
    await send(first.url, jsonSpan('agent', undefined, AGENT), jsonSpan('chat 1', 'agent'));
    await until(() => sink.spans.length >= 2);
    expect(await first.end(signal)).toBe(signal === 'SIGTERM' ? 0 : null);
    const second = await startGatewayProcess(env);
    await send(second.url, jsonSpan('chat 2', 'agent'));
    await until(() => final(sink).length === 3 && tokens(final(sink)) === 2200);
    const agent = final(sink).find(({ name }) => name === 'agent');
    expect(agent?.attributes['langfuse.observation.usage_details']).toContain('"total":0');
  });

  test('in an outage delivers what the killed one left before what corrects it', async () => {
    const sink = await startOtlpSink();
    onTestFinished(() => sink.close());
    sink.status = 503;
    const env = environment(sink.url);
    const first = await startGatewayProcess(env);
    await send(first.url, jsonSpan('agent', undefined, AGENT), jsonSpan('chat 1', 'agent'));
    await first.end('SIGKILL');
    const second = await startGatewayProcess(env);
    await send(second.url, jsonSpan('chat 2', 'agent'));
    sink.status = 200;
    await until(() => sink.spans.length === 4);
    expect(sink.spans.map(({ name }) => name)).toEqual(['agent', 'chat 1', 'chat 2', 'agent']);
    expect(tokens(final(sink))).toBe(2200);
  });

  test('delivers what the killed one had answered and not delivered', async () => {
    const sink = await startSink(() => ({ status: 503 }));
    onTestFinished(() => sink.close());
    const env = environment(sink.baseUrl);
    const names = Array.from({ length: 50 }, (_, index) => `chat ${index}`);
    const first = await startGatewayProcess(env);
    await Promise.all(names.map((name) => send(first.url, jsonSpan(name))));
    await first.end('SIGKILL');
    sink.answer = () => ACCEPT;
    await startGatewayProcess(env);
    await until(() => sink.accepted.length >= names.length);
    expect(sink.accepted.toSorted()).toEqual(names.map(spanId).toSorted());
  });
});
