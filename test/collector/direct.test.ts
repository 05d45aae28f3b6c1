import { SpanKind } from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import { App, call } from './app.ts';
import { Collector, otelcol } from './collector.ts';
import { startReceiver } from './receiver.ts';

describe.skipIf(!otelcol)('direct.yaml', () => {
  test('LLM spans reach Langfuse as it wants them', async () => {
    const langfuse = await startReceiver();
    const collector = await Collector.create('direct.yaml', { LANGFUSE_BASE_URL: langfuse.url });
    await collector.start();
    const app = new App(collector.url);
    const root = app.start({ name: 'POST /ask', kind: SpanKind.SERVER });
    app.span({ name: 'chat', kind: SpanKind.CLIENT, attributes: call(), below: root });
    root.end();
    await app.flush();
    await vi.waitFor(() => expect(langfuse.spans.map(({ name }) => name)).toEqual(['chat']), { timeout: 10_000 });
    const [request] = langfuse.requests;
    expect(request?.path).toBe('/api/public/otel/v1/traces');
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('pk-lf-test:sk-lf-test').toString('base64')}`,
      'x-langfuse-ingestion-version': '4',
    });
  });
});
