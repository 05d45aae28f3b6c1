import { trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LlmSpanProcessor } from '../../src/exporter/span-processor.ts';
import { LlmInstrumentation } from '../../src/instrumentation/llm-instrumentation.ts';
import { findProtocol } from '../../src/protocol/protocols.ts';
import { parseJson } from '../../src/util/json-read.ts';
import { bodyBytes, type Exchange, hasRecordings, loadRecordings } from '../support/recordings.ts';
import { type ExportedSpan, RecordingDelivery } from '../support/recording-delivery.ts';

/**
 * Real traffic through the real fetch hook, SDK, exporter and price table: each recorded response is answered by a
 * stand-in network in random chunks, read the way apps read, and must come out as one span with exact buckets.
 */

/** Exchange -> why its usage is read otherwise than the independent reading. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  '2f2de25949c28aca': 'cached audio is billed at another price than cached text, so it has a bucket of its own',
  '4408adae993a276d': 'enums are numbers here: modality 2 is IMAGE',
};

const replayable = loadRecordings().filter(
  ({ exchange }) => exchange.method === 'POST' && findProtocol(exchange.path, exchange.host),
);

/** Numbers from a seed, the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const next = random(20_261_121);

function inRandomChunks(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let position = 0;
  const largest = next() < 0.2 ? 3 : 4096;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (position >= bytes.byteLength) {
        controller.close();
        controller.byobRequest?.respond(0);
        return;
      }
      const end = position + 1 + Math.floor(next() * largest);
      controller.enqueue(Uint8Array.from(bytes.subarray(position, end)));
      position = end;
    },
  });
}

type Read = (response: Response, isJson: boolean) => Promise<unknown>;

/** The ways apps read bytes. */
const BYTE_READS: readonly Read[] = [
  (response) => response.arrayBuffer(),
  async (response) => {
    for await (const _ of response.body ?? []);
  },
  async (response) => {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read());
  },
  async (response) => {
    for await (const _ of response.body?.pipeThrough(new TransformStream()) ?? []);
  },
];

/** And text; what is not JSON is read as text instead of by `json()`. */
const TEXT_READS: readonly Read[] = [
  (response, isJson) => (isJson ? response.json() : response.text()),
  (response) => response.text(),
  (response) => Promise.all([response.clone().text(), response.text()]),
  ...BYTE_READS,
];

async function replay(exchange: Exchange, read: Read): Promise<void> {
  answer = () =>
    new Response(inRandomChunks(bodyBytes(exchange)), {
      status: exchange.status,
      headers: { ...exchange.headers, ...(exchange.contentType && { 'content-type': exchange.contentType }) },
    });
  const query = exchange.query ? `?${exchange.query}` : '';
  const response = await fetch(`https://${exchange.host}${exchange.path}${query}`, {
    method: 'POST',
    body: typeof exchange.request === 'string' ? exchange.request : JSON.stringify(exchange.request),
  });
  await read(response, parseJson(exchange.body) !== undefined);
}

let answer: () => Response;
const delivery = new RecordingDelivery();
const realFetch = globalThis.fetch;
const processor = new LlmSpanProcessor({ delivery });
const instrumentation = new LlmInstrumentation({ enabled: false });

beforeAll(() => {
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }));
  globalThis.fetch = async () => answer();
  instrumentation.enable();
});

afterAll(() => {
  instrumentation.disable();
  globalThis.fetch = realFetch;
  trace.disable();
});

async function spansOf(exchange: Exchange, read: Read): Promise<ExportedSpan[]> {
  delivery.records.length = 0;
  await replay(exchange, read);
  await processor.forceFlush();
  return delivery.spans;
}

describe.skipIf(!hasRecordings)('recorded exchanges through the fetch hook (skipped where ../shared is absent)', () => {
  test('each is one span with exact buckets; each failure is an ERROR span', { timeout: 120_000 }, async () => {
    const table = new Map<string, { reporting: number; exact: number; silent: number; failed: number }>();
    const wrong: string[] = [];
    for (const [index, { exchange, expected }] of replayable.entries()) {
      const reads = exchange.bodyEncoding === 'base64' ? BYTE_READS : TEXT_READS;
      const read = reads[index % reads.length] as Read;
      const spans = await spansOf(exchange, read);
      expect(spans, `spans of ${exchange.id}`).toHaveLength(1);
      const { attributes, status } = spans[0] as ExportedSpan;
      const provider = String(attributes['gen_ai.provider.name']);
      const row = table.get(provider) ?? { reporting: 0, exact: 0, silent: 0, failed: 0 };
      table.set(provider, row);
      if (exchange.status >= 400) {
        expect(status.code, `status of ${exchange.id}`).toBe(2);
        expect(attributes['langfuse.observation.level'], exchange.id).toBe('ERROR');
        row.failed++;
        continue;
      }
      // Where the provider reported nothing there is nothing, or a count of ours that says so.
      const isCounted = attributes['langfuse.observation.metadata.estimated_usage'] === true;
      const text = isCounted ? undefined : attributes['langfuse.observation.usage_details'];
      const usage = JSON.parse(String(text ?? '{}')) as Record<string, number>;
      const isExact = expected?.expected ? sorted(usage) === sorted(expected.expected) : !usage.total;
      if (!isExact) wrong.push(exchange.id);
      if (!expected?.expected) row.silent++;
      else {
        row.reporting++;
        if (isExact) row.exact++;
      }
    }
    const rows = [...table].toSorted(([, a], [, b]) => b.reporting - a.reporting);
    for (const [provider, { reporting, exact, silent, failed }] of rows) {
      console.log(`${provider}: ${exact} of ${reporting} exact, ${silent} without usage, ${failed} failures`);
      if (reporting >= 10) expect(exact / reporting, provider).toBeGreaterThanOrEqual(0.97);
    }
    console.log(
      Object.entries(EXCEPTIONS)
        .map(([id, reason]) => `${id}: ${reason}`)
        .join('\n'),
    );
    expect(wrong.toSorted()).toEqual(Object.keys(EXCEPTIONS).toSorted());
    expect(replayable.length).toBeGreaterThan(0);
    expect(wrong.length / replayable.length).toBeLessThanOrEqual(0.005);
  });
});

function sorted(buckets: object): string {
  return JSON.stringify(Object.entries(buckets).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
