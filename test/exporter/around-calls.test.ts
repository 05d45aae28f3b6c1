import { expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { Pipeline } from '../../src/exporter/pipeline.ts';
import { parseRecord } from '../support/recording-delivery.ts';
import { LLM, readableSpan } from './readable-spans.ts';

type Attributes = Record<string, unknown>;

const LANGFUSE_GENERATION = {
  'langfuse.observation.type': 'generation',
  'langfuse.observation.usage_details': '{"input":1000,"output":100}',
};

/** How a span that says it is a generation is sent, and what it counts, with a span of a call below it or without. */
function sent(theirs: Attributes, below?: Attributes): unknown[] {
  const spans = [
    ...(below ? [readableSpan({ name: 'ours', parent: 'theirs', attributes: below })] : []),
    readableSpan({ name: 'theirs', attributes: theirs }),
  ];
  const records = new Pipeline({ captureContent: true }).toRecords(
    spans.map((span) => ({ span, dialect: dialectOf(span.attributes), isTop: false })),
  );
  return records.map((record) => {
    const { name, attributes } = parseRecord(record);
    const usage = JSON.parse(String(attributes['langfuse.observation.usage_details'] ?? '{}')) as { total?: number };
    return [name, attributes['langfuse.observation.type'], usage.total];
  });
}

const { 'gen_ai.usage.input_tokens': _input, 'gen_ai.usage.output_tokens': _output, ...WITHOUT_USAGE } = LLM;

test.each([
  ['repeats the call below it', LLM],
  ['has no usage', WITHOUT_USAGE],
  ['is of the Langfuse SDK', LANGFUSE_GENERATION],
])('a span that says it is a generation and %s is a chain around it', (_, theirs) => {
  expect(sent(theirs, LLM)).toEqual([
    ['ours', 'generation', 1100],
    ['theirs', 'chain', 0],
  ]);
});

test.each([
  ['of which not all is counted below it', { ...LLM, 'gen_ai.usage.input_tokens': 1001 }, LLM, 1],
  ['with nothing below it', LLM, undefined, 1100],
  ['without usage and with nothing below it', WITHOUT_USAGE, undefined, undefined],
  ['that has cost nothing', { ...LLM, 'gen_ai.usage.input_tokens': 0, 'gen_ai.usage.output_tokens': 0 }, undefined, 0],
])('a generation %s stays one', (_, theirs, below, total) => {
  expect(sent(theirs, below).at(-1)).toEqual(['theirs', 'generation', total]);
});

test('a span that repeats the call of another is no generation, wherever it is', () => {
  const echo = { 'otel_langfuse.usage.counted_in': '00f067aa0ba902b7' };
  expect(sent({ ...LLM, ...echo })).toEqual([['theirs', 'chain', 0]]);
  expect(sent({ ...LANGFUSE_GENERATION, ...echo })).toEqual([['theirs', 'chain', 0]]);
});
