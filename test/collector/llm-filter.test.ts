import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Attributes, SpanKind } from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import type { SpanView } from '../../src/model/span.ts';
import { spanOf } from '../support/span-view.ts';
import { App } from './app.ts';
import { Collector, otelcol } from './collector.ts';
import { startReceiver } from './receiver.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures/spans');

/** The spans that instrumentations of all dialects made. */
function recordedSpans(): SpanView[] {
  const files = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.span.json'),
  );
  return files.map((file) => spanOf(JSON.parse(readFileSync(path.join(FIXTURES, file), 'utf8')) as Partial<SpanView>));
}

function namesOf(spans: readonly { name: string }[]): string[] {
  return spans.map(({ name }) => name).toSorted();
}

describe.skipIf(!otelcol)('the filter of LLM spans', () => {
  test.each(['agent.yaml', 'direct.yaml'])('%s lets every span through that a dialect reads', async (file) => {
    const receiver = await startReceiver();
    const environment = { GATEWAY_ENDPOINT: receiver.url, LANGFUSE_BASE_URL: receiver.url };
    const collector = await (await Collector.create(file, environment)).start();
    const app = new App(collector.url);
    const spans = recordedSpans().filter(({ attributes, scope }) => dialectOf(attributes, scope.name));
    for (const { name, attributes, scope } of spans) {
      // As if it were a call to somewhere: only what it says of itself can save it.
      app.span({ name, kind: SpanKind.CLIENT, attributes: attributes as Attributes, scope: scope.name });
    }
    await app.flush();
    await vi.waitFor(() => expect(namesOf(receiver.spans)).toEqual(namesOf(spans)), { timeout: 10_000, interval: 20 });
    expect(spans.length).toBeGreaterThan(0);
  });
});
