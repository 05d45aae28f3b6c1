import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { startStandInProvider } from '../support/stand-in-provider.mjs';

const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures', 'spans');

/**
 * Runs each case against the stand-in provider and writes the spans it made as fixtures of the dialect. Ids, times and
 * the provider's port, which differ in every run, are left out or replaced.
 * @param {string} dialect
 * @param {(provider: TracerProvider, url: string, exporter: InMemorySpanExporter) => Record<string, () => Promise<unknown>>} cases
 *   given a provider, the address of the stand-in, and for an SDK with a provider of its own where its spans are to go
 */
export async function recordFixtures(dialect, cases) {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const standIn = await startStandInProvider();
  const folder = path.join(FIXTURES, dialect);
  mkdirSync(folder, { recursive: true });
  for (const [name, run] of Object.entries(cases(provider, standIn.url, exporter))) {
    await run().catch(() => undefined);
    // What reads a copy of a stream beside the app ends its span a little later.
    for (let tries = 0; exporter.getFinishedSpans().length === 0 && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const spans = exporter.getFinishedSpans();
    if (spans.length === 0) throw new Error(`${name}: no span`);
    for (const [index, span] of spans.entries()) {
      const file = `${name}${spans.length > 1 ? `-${index + 1}` : ''}.span.json`;
      writeFileSync(path.join(folder, file), `${toText(span, standIn.url)}\n`);
    }
    exporter.reset();
  }
  await standIn.close();
}

/** What differs in every run, and what stands for it. */
const STEADY = [
  { attribute: /^server\.port$/, value: 80 },
  { attribute: /[._](?:duration|time_to_first_chunk|time_per_output_chunk)$/, value: 0.25 },
];

/** @param {Record<string, unknown>} attributes */
function steady(attributes) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      STEADY.find(({ attribute }) => attribute.test(name))?.value ?? value,
    ]),
  );
}

/** @param {import('@opentelemetry/sdk-trace').ReadableSpan} span @param {string} url */
function toText({ name, kind, status, attributes, events, instrumentationScope: { name: scope, version } }, url) {
  const span = {
    name,
    kind,
    scope: { name: scope, version },
    status,
    attributes: steady(attributes),
    events: events.map((event) => ({
      name: event.name,
      time: [1_750_000_001, 0],
      // A stack has paths of the machine it was made on.
      attributes: { ...event.attributes, 'exception.stacktrace': undefined },
    })),
  };
  return JSON.stringify(span, null, 2).replaceAll(url, 'http://provider.test');
}
