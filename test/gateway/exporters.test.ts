import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { LLM } from '../exporter/readable-spans.ts';
import { totals } from '../support/recording-delivery.ts';
import { post, recordingGateway } from './gateways.ts';

/** gpt-4o-mini: $0.15 input and $0.60 output a million. */
const BILL = { tokens: 1100, usd: 0.00021 };

describe('what the OpenTelemetry SDK of this process sends', () => {
  test.each([
    ['http/json', JsonExporter, CompressionAlgorithm.NONE],
    ['http/json, gzip', JsonExporter, CompressionAlgorithm.GZIP],
    ['http/protobuf', ProtobufExporter, CompressionAlgorithm.NONE],
    ['http/protobuf, gzip', ProtobufExporter, CompressionAlgorithm.GZIP],
  ])('%s', async (_, Exporter, compression) => {
    const { gateway, delivery } = await recordingGateway();
    const exporter = new Exporter({ url: `${gateway.url}/v1/traces`, compression });
    const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
    const tracer = provider.getTracer('shop', '3');
    const root = tracer.startSpan('GET /', { kind: SpanKind.SERVER });
    tracer.startSpan('chat', { attributes: LLM }, trace.setSpan(context.active(), root)).end();
    tracer.startSpan('db', {}, trace.setSpan(context.active(), root)).end();
    root.end();
    await provider.shutdown();
    expect(delivery.spans.map(({ name }) => name).toSorted()).toEqual(['GET /', 'chat']);
    expect(delivery.span('GET /')).toMatchObject({ kind: 2, attributes: { 'langfuse.internal.as_root': true } });
    expect(delivery.span('chat')).toMatchObject({
      parentSpanId: delivery.span('GET /').spanId,
      scope: { name: 'shop', version: '3' },
      attributes: { 'gen_ai.request.model': LLM['gen_ai.request.model'] },
      resource: { 'telemetry.sdk.language': 'nodejs' },
    });
    expect(totals(delivery.spans)).toEqual(BILL);
  });
});

/** A request as a client sent it; see capture/capture.mjs. */
interface RecordedRequest {
  path: string;
  contentType: string;
  contentEncoding?: string;
  body: string;
}

const FIXTURES = path.join(import.meta.dirname, '../fixtures/otlp');
const fixtures = (kind: 'traces' | 'logs'): string[] =>
  readdirSync(FIXTURES).filter((file) => file.endsWith(`.${kind}.json`));

function replay(url: string, file: string): Promise<Response> {
  const recorded = JSON.parse(readFileSync(path.join(FIXTURES, file), 'utf8')) as RecordedRequest;
  return post(`${url}${recorded.path}`, Buffer.from(recorded.body, 'base64'), {
    'content-type': recorded.contentType,
    ...(recorded.contentEncoding && { 'content-encoding': recorded.contentEncoding }),
  });
}

describe('what SDKs of other languages and versions send', () => {
  test.each(fixtures('traces'))('%s', async (file) => {
    const { gateway, delivery } = await recordingGateway({});
    const response = await replay(gateway.url, file);
    expect(response.status).toBe(200);
    const chat = delivery.span('chat gpt-4o-mini');
    const root = delivery.span('GET /');
    expect(delivery.spans).toHaveLength(2);
    expect(root.kind).toBe(2);
    expect(chat).toMatchObject({
      kind: 3,
      parentSpanId: root.spanId,
      traceId: root.traceId,
      scope: { name: 'shop.instrumentation', version: '1.2.3' },
      resource: { 'service.name': expect.stringMatching(/^(go|js|python)-shop$/) },
      attributes: {
        'gen_ai.request.temperature': 0.5,
        'gen_ai.request.stop_sequences': ['END', 'STOP'],
        'shop.flag': true,
        'shop.name': 'Käse 🧀',
      },
    });
    // Beyond what a number holds exactly, which Langfuse reads, it is kept as text; JavaScript has no such number.
    if (!file.startsWith('js')) expect(chat.attributes['shop.big']).toBe('9007199254740993');
    expect(delivery.records.join('')).toContain(
      '"name":"retry","attributes":[{"key":"attempt","value":{"intValue":1}}]',
    );
    expect(delivery.records.join('')).toContain('{"key":"why","value":{"stringValue":"test"}}');
    expect(totals(delivery.spans)).toEqual(BILL);
  });

  test.each(fixtures('logs'))('%s: what was said joins the span', async (file) => {
    const traces = file.replace('.logs.', '.traces.');
    for (const order of [
      [traces, file],
      [file, traces],
    ]) {
      const { gateway, delivery } = await recordingGateway();
      for (const each of order) expect((await replay(gateway.url, each)).status).toBe(200);
      const last = delivery.spans.findLast(({ name }) => name.startsWith('chat'));
      expect(last?.attributes).toMatchObject({
        'langfuse.observation.input': JSON.stringify([{ role: 'user', content: 'Which cheese?' }]),
        'langfuse.observation.output': JSON.stringify({ role: 'assistant', content: 'Gouda.' }),
      });
      const final = new Map(delivery.spans.map((span) => [span.spanId, span]));
      expect(totals([...final.values()])).toEqual(BILL);
    }
  });
});
