import { context, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { GatewayOptions } from '../../src/gateway/gateway-options.ts';
import { type Gateway, startGateway } from '../../src/gateway/server.ts';
import { LLM } from '../exporter/readable-spans.ts';
import { RecordingDelivery, totals } from '../support/recording-delivery.ts';

async function gatewayTo(delivery: RecordingDelivery, options: GatewayOptions = {}): Promise<Gateway> {
  const gateway = await startGateway({ port: 0, projects: { default: { delivery } }, ...options });
  onTestFinished(() => gateway.close());
  return gateway;
}

describe('what OpenTelemetry SDKs send', () => {
  test.each([
    ['http/json', JsonExporter],
    ['http/protobuf', ProtobufExporter],
  ])('%s', async (_, Exporter) => {
    const delivery = new RecordingDelivery();
    const { url } = await gatewayTo(delivery);
    const exporter = new Exporter({ url: `${url}/v1/traces` });
    const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
    const tracer = provider.getTracer('shop', '3');
    const root = tracer.startSpan('GET /', { kind: SpanKind.SERVER });
    tracer.startSpan('chat', { attributes: LLM }, trace.setSpan(context.active(), root)).end();
    tracer.startSpan('db', {}, trace.setSpan(context.active(), root)).end();
    root.end();
    await provider.shutdown();
    expect(delivery.spans.map(({ name }) => name)).toEqual(['chat', 'GET /']);
    expect(delivery.span('GET /')).toMatchObject({ kind: 2, attributes: { 'langfuse.internal.as_root': true } });
    expect(delivery.span('chat')).toMatchObject({
      parentSpanId: delivery.span('GET /').spanId,
      scope: { name: 'shop', version: '3' },
      attributes: { 'gen_ai.request.model': LLM['gen_ai.request.model'] },
      resource: { 'telemetry.sdk.language': 'nodejs' },
    });
    // gpt-4o-mini: $0.15 input and $0.60 output a million.
    expect(totals(delivery.spans)).toEqual({ tokens: 1100, usd: 0.00021 });
  });
});
