import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askForUsage, UsageEventFilter } from '../../src/instrumentation/stream-usage.ts';

const ASKED = { include_usage: true };

describe('a request', () => {
  test('keeps its text, with the option at its end', () => {
    const text = '{ "model": "gpt-4o", "seed": 12345678901234567890, "top_p": 1.0, "stream": true }\n';
    expect(askForUsage(text)).toBe(
      '{ "model": "gpt-4o", "seed": 12345678901234567890, "top_p": 1.0, "stream": true ,"stream_options":{"include_usage":true}}\n',
    );
  });

  test.each([{ include_obfuscation: false }, { include_usage: false }, null])(
    'with the options %j has them and usage',
    (options) => {
      const asked = askForUsage(JSON.stringify({ stream: true, stream_options: options, model: 'gpt-4o' }));
      expect(JSON.parse(asked ?? '')).toEqual({
        stream: true,
        stream_options: { ...options, ...ASKED },
        model: 'gpt-4o',
      });
    },
  );

  test.each([
    ['that is no stream', '{"model":"gpt-4o"}'],
    ['that wants no stream', '{"stream":false}'],
    ['that asks already', '{"stream":true,"stream_options":{"include_usage":true}}'],
    ['whose options are in a text that cannot be written again', '{"stream":true, "stream_options":{}}'],
    ['that is not JSON', 'stream=true'],
    ['that is a list', '[{"stream":true}]'],
  ])('%s is left alone', (_title, text) => expect(askForUsage(text)).toBeUndefined());

  test('asks for usage and changes nothing else', () => {
    const value = fc.dictionary(
      fc.string().filter((key) => key !== 'stream' && key !== 'stream_options' && key !== '__proto__'),
      fc.jsonValue({ maxDepth: 3 }),
    );
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (body, indent) => {
        const asked = askForUsage(JSON.stringify({ ...body, stream: true }, null, indent)) ?? '';
        expect(JSON.parse(asked)).toEqual(JSON.parse(JSON.stringify({ ...body, stream: true, stream_options: ASKED })));
      }),
    );
  });
});

const chunk = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content } }], usage: null })}`;
const USAGE = `data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } })}`;
/** What looks like the event and is not. */
const LOOKALIKES = [
  `data: ${JSON.stringify({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] })}`,
  `data: ${JSON.stringify({ choices: [{ delta: {} }], usage: { prompt_tokens: 3 } })}`,
  `data: ${JSON.stringify({ choices: [], usage: null })}`,
  chunk('"choices":[],"usage":{"prompt_tokens":1}'),
  ': keep-alive "usage"',
  'data: [DONE]',
  'data: {"usage": broken',
];

describe('a stream', () => {
  const events = fc.array(fc.oneof(fc.constantFrom(...LOOKALIKES), fc.string({ unit: 'grapheme' }).map(chunk)));

  test('loses the event that has only usage and not a byte else, however it is cut into chunks', () => {
    fc.assert(
      fc.property(
        events,
        events,
        fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, '')),
        fc.constantFrom('\n\n', '\r\n\r\n'),
        fc.array(fc.nat(2000), { maxLength: 30 }),
        (before, after, tail, end, cuts) => {
          const joined = (all: readonly string[]): Buffer =>
            Buffer.from(all.map((event) => event + end).join('') + tail);
          const bytes = joined([...before, USAGE, ...after]);
          const filter = new UsageEventFilter();
          const sifted = splitAt(bytes, cuts).map((piece) => filter.push(piece));
          const visible = Buffer.concat([...sifted.map((part) => part.visible), filter.end()]);
          expect(visible.toString()).toBe(joined([...before, ...after]).toString());
          expect(sifted.flatMap(({ withheld }) => (withheld ? [Buffer.from(withheld).toString()] : []))).toEqual([
            USAGE + end,
          ]);
        },
      ),
    );
  });

  test('passes events as they complete', () => {
    const filter = new UsageEventFilter();
    const first = `${chunk('one')}\n\n`;
    expect(filter.push(Buffer.from(`${first}data: {"cho`)).visible.toString()).toBe(first);
    expect(filter.push(Buffer.from('ices"')).visible.byteLength).toBe(0);
  });

  test('with an event too long to hold passes unseen from there on', () => {
    const filter = new UsageEventFilter();
    const long = Buffer.alloc(1024 * 1024 + 1, 'x');
    expect(filter.push(long).visible.byteLength).toBe(long.byteLength);
    expect(filter.push(Buffer.from(`\n\n${USAGE}\n\n`)).visible.byteLength).toBe(USAGE.length + 4);
  });
});

function splitAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}
