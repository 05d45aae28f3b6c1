import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeJson } from '../../src/gateway/decode-json.ts';
import { TRACES } from '../../src/gateway/otlp-schema.ts';
import { type ReceivedSpan, toReceivedSpans } from '../../src/gateway/received-span.ts';
import { PathSelector } from '../../src/gateway/select-path.ts';
import { LLM } from '../exporter/readable-spans.ts';
import { type JsonSpan, jsonSpan, tracesRequest } from './gateways.ts';

const received = (...spans: JsonSpan[]): ReceivedSpan[] =>
  toReceivedSpans(decodeJson(Buffer.from(JSON.stringify(tracesRequest(spans))), TRACES)).spans;

describe('the way to each LLM span', () => {
  // A number is a span's parent: one of those before it. Every third one is an LLM span.
  const tree = fc
    .array(fc.nat(), { minLength: 1, maxLength: 30 })
    .map((parents) =>
      parents.map((parent, index) =>
        jsonSpan(`${index}`, index === 0 ? undefined : `${parent % index}`, parent % 3 === 0 ? LLM : {}),
      ),
    );

  test('is selected whole, once, and nothing else, in any order and batches', () => {
    const inOrder = tree.chain((spans) =>
      fc.tuple(
        fc.constant(spans),
        fc.shuffledSubarray(spans, { minLength: spans.length }),
        fc.integer({ min: 1, max: 10 }),
      ),
    );
    fc.assert(
      fc.property(inOrder, ([spans, shuffled, batch]) => {
        const selector = new PathSelector('llm-path');
        const selected: string[] = [];
        for (let start = 0; start < shuffled.length; start += batch) {
          const taken = selector.select(received(...shuffled.slice(start, start + batch)));
          selected.push(...taken.selected.map(({ span }) => span.name));
        }
        const wanted = new Set<string>();
        for (const span of spans.filter(({ attributes }) => (attributes as unknown[]).length > 0)) {
          for (let on: (typeof spans)[number] | undefined = span; on;) {
            wanted.add(on.name);
            const above: unknown = on.parentSpanId;
            on = spans.find(({ spanId }) => spanId === above);
          }
        }
        expect(selected.toSorted()).toEqual([...wanted].toSorted());
      }),
    );
  });

  test('a circle of parents ends', () => {
    const selector = new PathSelector('llm-path');
    const circle = [jsonSpan('a', 'b', {}), jsonSpan('b', 'c', {}), jsonSpan('c', 'a'), jsonSpan('d', 'd')];
    expect(selector.select(received(...circle)).selected).toHaveLength(4);
  });

  test('what does not go is passed, so that usage is counted past it', () => {
    const { selected, passed } = new PathSelector('llm-path').select(received(jsonSpan('db', 'root', {})));
    expect(selected).toEqual([]);
    expect(passed).toMatchObject([{ spanId: received(jsonSpan('db'))[0]?.spanContext().spanId }]);
  });
});

test('what went before a restart is known', () => {
  const selector = new PathSelector('llm-path');
  for (const span of received(jsonSpan('chat', 'root'))) selector.restore(span);
  expect(selector.select(received(jsonSpan('root', undefined, {}))).selected).toMatchObject([{ isTop: true }]);
});
