import { type Attributes, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { LangfuseSpanExporter, LlmSpanProcessor } from '../../src/exporter/index.ts';
import { Pipeline, type PipelineLimits } from '../../src/exporter/pipeline.ts';
import type { SelectedSpan } from '../../src/exporter/select.ts';
import { type ExportedSpan, parseRecord, RecordingDelivery, totals } from '../support/recording-delivery.ts';
import { LLM, readableSpan, type SpanSketch } from './readable-spans.ts';

const USAGE = 'langfuse.observation.usage_details';
const COST = 'langfuse.observation.cost_details';

function selected(sketch: SpanSketch): SelectedSpan {
  const span = readableSpan(sketch);
  return { span, dialect: dialectOf(span.attributes, 'test'), isTop: false };
}

function pipelineWith(limits: Partial<PipelineLimits> = {}): Pipeline {
  return new Pipeline({ captureContent: true, limits });
}

/** What Langfuse has in the end: the last record of each span. */
function finalState(records: readonly string[]): Record<string, ExportedSpan> {
  return Object.fromEntries(records.map(parseRecord).map((span) => [span.name, span]));
}

function agent(name: string, input: number, output: number, parent?: string): SpanSketch {
  const attributes = {
    ...LLM,
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
  };
  return { name, attributes, ...(parent !== undefined && { parent }) };
}

const chat = (name: string, parent?: string): SpanSketch => ({
  name,
  attributes: LLM,
  ...(parent !== undefined && { parent }),
});

/** A call whose instrumentation says nothing of its usage. */
const SILENT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini' };

/** Children first. Spans report nothing, or tokens beyond those below them, or tokens without regard to them. */
const trees: fc.Arbitrary<SpanSketch[]> = fc
  .array(
    fc.record({
      parent: fc.nat(),
      kind: fc.constantFrom('chat', 'roll-up', 'other', 'silent', 'http'),
      input: fc.nat(2000),
      cached: fc.nat(500),
      output: fc.nat(500),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map((spans) => {
    const below = spans.map(() => ({ input: 0, output: 0 }));
    const sketches: SpanSketch[] = [];
    for (const [index, { parent, kind, input, cached, output }] of [...spans.entries()].toReversed()) {
      const parentIndex = index === 0 ? undefined : parent % index;
      const inner = below[index] ?? { input: 0, output: 0 };
      const sum =
        kind === 'roll-up' ? { input: inner.input + input, output: inner.output + output } : { input, output };
      const above = parentIndex === undefined ? undefined : below[parentIndex];
      if (above) {
        above.input += sum.input;
        above.output += sum.output;
      }
      const attributes = {
        'gen_ai.operation.name': kind === 'chat' ? 'chat' : 'invoke_agent',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.usage.input_tokens': sum.input,
        'gen_ai.usage.output_tokens': sum.output,
        'gen_ai.usage.cache_read.input_tokens': Math.min(cached, sum.input),
        'openai.response.service_tier': 'priority',
      };
      sketches.push({
        name: `span ${index}`,
        ...(parentIndex !== undefined && { parent: `span ${parentIndex}` }),
        attributes: kind === 'http' ? {} : kind === 'silent' ? SILENT : attributes,
      });
    }
    return sketches;
  });

/** The spans of a tree in any order, some more than once, in batches. */
const arrivals = trees.chain((tree) =>
  fc.record({
    tree: fc.constant(tree),
    batches: fc
      .tuple(
        fc.shuffledSubarray(tree, { minLength: tree.length }),
        fc.array(fc.constantFrom(...tree), { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 14, maxLength: 14 }),
      )
      .map(([all, again, sizes]) => {
        const order = [...all, ...again];
        return sizes.map((size) => order.splice(0, size)).filter((batch) => batch.length > 0);
      }),
  }),
);

function sent(pipeline: Pipeline, batches: readonly SpanSketch[][]): string[] {
  return batches.flatMap((batch) => pipeline.toRecords(batch.map(selected)));
}

describe('spans in any order', () => {
  test('end as they do children first', () => {
    fc.assert(
      fc.property(arrivals, ({ tree, batches }) => {
        const expected = finalState(
          sent(
            pipelineWith(),
            tree.map((sketch) => [sketch]),
          ),
        );
        expect(finalState(sent(pipelineWith(), batches))).toEqual(expected);
      }),
    );
  });

  test('come to the same total where nothing is kept of what was sent', () => {
    fc.assert(
      fc.property(arrivals, fc.constantFrom(0, 5_000), ({ tree, batches }, maxSentBytes) => {
        const expected = totals(sent(pipelineWith(), [tree]).map(parseRecord));
        const pipeline = pipelineWith({ maxSentBytes });
        const actual = totals(sent(pipeline, batches).map(parseRecord));
        expect(actual.tokens - pipeline.counters().countedTwice).toBe(expected.tokens);
        expect(pipeline.counters().sentBytes).toBeLessThanOrEqual(maxSentBytes);
      }),
    );
  });

  test('end the same with a restart in the middle', () => {
    fc.assert(
      fc.property(arrivals, fc.nat(), ({ tree, batches }, where) => {
        const expected = finalState(sent(pipelineWith(), [tree]));
        const former = sent(pipelineWith(), batches.slice(0, where % (batches.length + 1)));
        const pipeline = pipelineWith();
        pipeline.restore(former);
        const later = sent(pipeline, batches.slice(where % (batches.length + 1)));
        expect(finalState([...former, ...later])).toEqual(expected);
      }),
    );
  });
});

describe('a parent that was sent', () => {
  test('is sent again as the same span, with its report beside what is left of it', () => {
    const pipeline = pipelineWith();
    const [first = ''] = sent(pipeline, [[agent('agent', 3000, 300)]]);
    const [child = '', again = '', ...more] = sent(pipeline, [[chat('call', 'agent')]]);
    expect(more).toEqual([]);
    expect(parseRecord(child).attributes[USAGE]).toBe('{"input":1000,"output":100,"total":1100}');
    const { attributes: before, ...sameSpan } = parseRecord(first);
    expect(parseRecord(again)).toMatchObject(sameSpan);
    expect(before[USAGE]).toBe('{"input":3000,"output":300,"total":3300}');
    expect(parseRecord(again).attributes).toMatchObject({
      [USAGE]: '{"input":2000,"output":200,"total":2200}',
      // gpt-4o-mini: $0.15 input and $0.60 output a million.
      [COST]: '{"input":0.0003,"output":0.00012,"total":0.00042}',
      'langfuse.observation.metadata.reported_usage': '{"input":3000,"output":300,"total":3300}',
    });
  });

  test('is sent again once for all children of a batch, and no more when nothing is left of it', () => {
    const pipeline = pipelineWith();
    sent(pipeline, [[agent('agent', 2000, 200)]]);
    const names = (batch: SpanSketch[]): string[] => sent(pipeline, [batch]).map((record) => parseRecord(record).name);
    expect(names([chat('one', 'agent'), chat('two', 'agent')])).toEqual(['one', 'two', 'agent']);
    expect(pipeline.counters()).toMatchObject({ sentSpans: 2, corrections: 2 });
    expect(names([chat('three', 'agent')])).toEqual(['three']);
  });

  test('comes in the same batch as its children, before them: it is sent once', () => {
    const records = sent(pipelineWith(), [[agent('agent', 1000, 100), chat('call', 'agent')]]);
    expect(records.map((record) => parseRecord(record).attributes[USAGE])).toEqual([
      '{"total":0}',
      '{"input":1000,"output":100,"total":1100}',
    ]);
  });

  test('with money its provider stated: the part that is left has the price of the catalog', () => {
    const pipeline = pipelineWith();
    const { attributes, ...sketch } = agent('agent', 3000, 300);
    const billed = { ...sketch, attributes: { ...attributes, 'otel_langfuse.usage.billing': '{"billedUsd":"7"}' } };
    const [first = ''] = sent(pipeline, [[billed]]);
    expect(parseRecord(first).attributes[COST]).toBe('{"billed":7,"total":7}');
    const [, again = ''] = sent(pipeline, [[chat('call', 'agent')]]);
    expect(parseRecord(again).attributes[COST]).toBe('{"input":0.0003,"output":0.00012,"total":0.00042}');
    const [, last = ''] = sent(pipeline, [[agent('inner', 2000, 200, 'agent')]]);
    expect(parseRecord(last).attributes[COST]).toBe('{"total":0}');
  });

  test('as a call without usage is not left to Langfuse to count', () => {
    const pipeline = pipelineWith();
    const wrapper = { name: 'wrapper', attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' } };
    const [first = ''] = sent(pipeline, [[wrapper]]);
    expect(parseRecord(first).attributes[USAGE]).toBeUndefined();
    const [, again = ''] = sent(pipeline, [[chat('call', 'wrapper')]]);
    expect(parseRecord(again).attributes[USAGE]).toBe('{"total":0}');
  });

  test('is not kept if all spans below it are known to have come', () => {
    const pipeline = pipelineWith();
    pipeline.toRecords([{ ...selected(chat('call')), isComplete: true }]);
    expect(pipeline.counters()).toMatchObject({ sentSpans: 0, sentBytes: 0, traces: 1 });
  });

  test('is kept no longer than its age allows', () => {
    const pipeline = pipelineWith({ maxAgeMs: -1 });
    sent(pipeline, [[chat('call')]]);
    expect(pipeline.counters().sentSpans).toBe(0);
  });
});

const silent = (parent: string): SpanSketch => ({ name: 'call', parent, attributes: SILENT });

describe('a call without usage', () => {
  const accounted = { [USAGE]: '{"total":0}', [COST]: '{"total":0}', 'langfuse.observation.type': 'generation' };

  test.each([
    ['first', [[silent('step')], [{ name: 'step', parent: 'run' }], [agent('run', 3000, 300)]]],
    ['last', [[agent('run', 3000, 300)], [{ name: 'step', parent: 'run' }], [silent('step')]]],
    ['before what links it to that', [[silent('step')], [agent('run', 3000, 300)], [{ name: 'step', parent: 'run' }]]],
    ['with all of that', [[silent('step'), { name: 'step', parent: 'run' }, agent('run', 3000, 300)]]],
  ])('is in the usage that a span above it reports: it comes %s', (_, batches) => {
    const records = sent(pipelineWith(), batches);
    expect(finalState(records)['call']?.attributes).toMatchObject(accounted);
    expect(totals(records.map(parseRecord)).tokens).toBe(3300);
  });

  test('is left to Langfuse to count where no span above it reports anything', () => {
    const run = { name: 'run', attributes: { 'gen_ai.operation.name': 'invoke_agent' } };
    const { call } = finalState(sent(pipelineWith(), [[silent('run')], [run], [chat('other', 'run')]]));
    expect(call?.attributes).not.toHaveProperty([USAGE]);
  });

  test('is corrected in a process too, where it is known that nothing is below it', () => {
    const pipeline = pipelineWith();
    const [before = ''] = pipeline.toRecords([{ ...selected(silent('run')), isComplete: true }]);
    const records = pipeline.toRecords([{ ...selected(agent('run', 3000, 300)), isComplete: true }]);
    expect(finalState([before, ...records])['call']?.attributes).toMatchObject(accounted);
    expect(pipeline.counters()).toMatchObject({ corrections: 1 });
  });

  test('is corrected after a restart', () => {
    const former = sent(pipelineWith(), [[silent('run')]]);
    const pipeline = pipelineWith();
    pipeline.restore(former);
    expect(finalState(sent(pipeline, [[agent('run', 3000, 300)]]))['call']?.attributes).toMatchObject(accounted);
  });
});

test('a span that has no record is counted, by reason, and costs no other', () => {
  const pipeline = pipelineWith();
  const nowhere = { ...readableSpan(chat('nowhere')), spanContext: () => ({ traceId: 'none', spanId: 'none' }) };
  const broken = Object.defineProperty({ ...readableSpan(chat('broken')) }, 'events', {
    get() {
      throw new Error('broken');
    },
  });
  const spans = [nowhere, broken].map((span) => ({ ...selected(chat('call')), span }));
  expect(pipeline.toRecords([...spans, selected(chat('call'))])).toHaveLength(1);
  expect(pipeline.counters().refused).toEqual({ unreadable: 1, unserialisable: 1 });
});

/** A record with the attributes in the order of their names. */
function sorted(record: string): unknown {
  return JSON.parse(record, (key, value: unknown) =>
    key === 'attributes' && Array.isArray(value)
      ? value.toSorted((a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1))
      : value,
  );
}

describe('a restored span', () => {
  test('is written as it was, but for what its own usage changes', () => {
    const { span, ...rest } = selected(agent('agent', 3000, 300));
    const rich = {
      ...span,
      status: { code: 2, message: 'failed' },
      events: [{ name: 'e', time: [1_750_000_000, 5] as const, attributes: { zero: 0, half: 0.5, yes: true } }],
      links: [
        {
          context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16) },
          attributes: { list: ['a', 1], map: { k: 'v' } },
        },
      ],
      attributes: { ...span.attributes, app: 'own', nested: { list: [{ deep: 1 }] }, big: 2 ** 40 },
    };
    const former = pipelineWith();
    const [before = ''] = former.toRecords([{ ...rest, isTop: true, span: rich }]);
    const restarted = pipelineWith();
    restarted.restore([before]);
    const expected = former.toRecords([selected(chat('call', 'agent'))]);
    const actual = restarted.toRecords([selected(chat('call', 'agent'))]);
    expect(actual.map(sorted)).toEqual(expected.map(sorted));
    expect(actual).toHaveLength(2);
  });

  test('counts with the last record of it', () => {
    const former = pipelineWith();
    const records = sent(former, [[agent('agent', 3000, 300)], [chat('one', 'agent')], [chat('two', 'agent')]]);
    const restarted = pipelineWith();
    restarted.restore(records);
    const [, again = ''] = sent(restarted, [[chat('three', 'agent')]]);
    expect(parseRecord(again).attributes).toMatchObject({ [USAGE]: '{"total":0}', [COST]: '{"total":0}' });
  });

  test('whose record is broken costs no other', () => {
    const [agentRecord = ''] = sent(pipelineWith(), [[agent('agent', 1000, 100)]]);
    const restarted = pipelineWith();
    restarted.restore(['', '{}', '[1]', '{"scopeSpans":[{"spans":[{"startTimeUnixNano":"x"}]}]}', agentRecord]);
    expect(restarted.counters()).toMatchObject({ traces: 1, sentSpans: 1 });
  });
});

function exported(batches: readonly SpanSketch[][], spans: 'llm' | 'llm-path' = 'llm-path'): RecordingDelivery {
  const delivery = new RecordingDelivery();
  const exporter = new LangfuseSpanExporter({ delivery, spans });
  for (const batch of batches) exporter.export(batch.map(readableSpan), () => {});
  return delivery;
}

describe('LangfuseSpanExporter', () => {
  test('corrects a parent of an earlier batch', () => {
    const { records } = exported([[agent('agent', 1000, 100)], [chat('call', 'agent')]]);
    expect(records.map((record) => parseRecord(record).name)).toEqual(['agent', 'call', 'agent']);
    expect(finalState(records)['agent']?.attributes[USAGE]).toBe('{"total":0}');
  });

  test.each(['llm', 'llm-path'] as const)('counts past spans that do not go (%s)', (selection) => {
    const tree = [agent('agent', 1000, 100), { name: 'http', parent: 'agent' }, chat('call', 'http')];
    const orders = [tree, tree.toReversed(), [...tree.slice(1), ...tree.slice(0, 1)]];
    for (const order of orders) {
      expect(totals(exported([order], selection).spans).tokens).toBe(1100);
      expect(
        totals(
          exported(
            order.map((sketch) => [sketch]),
            selection,
          ).spans,
        ).tokens,
      ).toBe(1100);
    }
  });
});

/** A processor and a way to start spans below each other. */
function processor(spans: 'llm' | 'llm-path'): {
  delivery: RecordingDelivery;
  flush: () => Promise<void>;
  start: (sketch: SpanSketch, parent?: Span) => Span;
} {
  const delivery = new RecordingDelivery();
  const llmSpans = new LlmSpanProcessor({ delivery, spans });
  const tracer = new TracerProvider({ spanProcessors: [llmSpans] }).getTracer('test');
  return {
    delivery,
    flush: () => llmSpans.forceFlush(),
    start: ({ name, attributes = {} }, parent) =>
      tracer.startSpan(
        name,
        { attributes: attributes as Attributes },
        parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
      ),
  };
}

describe('LlmSpanProcessor', () => {
  test('corrects a parent that was flushed before its child ended', async () => {
    const { delivery, flush, start } = processor('llm-path');
    const parent = start(agent('agent', 3000, 300));
    const child = start(chat('call'), parent);
    parent.end();
    await flush();
    child.end();
    await flush();
    expect(delivery.spans.map(({ name }) => name)).toEqual(['agent', 'call', 'agent']);
    expect(totals(delivery.spans).tokens).toBe(3300);
    expect(finalState(delivery.records)['agent']?.attributes[USAGE]).toBe('{"input":2000,"output":200,"total":2200}');
  });

  test.each(['llm', 'llm-path'] as const)('counts past spans that do not go (%s)', async (selection) => {
    const { delivery, flush, start } = processor(selection);
    const parent = start(agent('agent', 1000, 100));
    const http = start({ name: 'http' }, parent);
    start(chat('call'), http).end();
    http.end();
    parent.end();
    await flush();
    expect(totals(delivery.spans).tokens).toBe(1100);
  });

  test('gives a call that begins after its parent has gone what the parent has not counted', async () => {
    const { delivery, flush, start } = processor('llm-path');
    const parent = start(agent('agent', 1000, 100));
    parent.end();
    start(chat('late'), parent).end();
    await flush();
    await flush();
    expect(totals(delivery.spans).tokens).toBe(1100);
    expect(delivery.records).toHaveLength(2);
  });
});
