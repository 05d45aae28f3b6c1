import { describe, expect, test } from 'vitest';
import { REPAIRED } from '../../src/delivery/otlp-json.ts';
import { shortenRecord } from '../../src/delivery/shorten-record.ts';
import { parseRecord } from '../support/recording-delivery.ts';
import { spanRecord } from '../support/spans.ts';

const ID = '0000000000000001';

function shortened(record: Buffer, times = 1): Buffer {
  const once = shortenRecord(record);
  if (!once) throw new Error('nothing is long');
  return times > 1 ? shortened(once, times - 1) : once;
}

describe('shortening', () => {
  test('halves what is long, says so, and leaves what is counted', () => {
    const record = Buffer.from(spanRecord(ID, 'x'.repeat(1_000_000)));
    const { spanId, attributes } = parseRecord(shortened(record).toString());
    expect(spanId).toBe(ID);
    expect(attributes['gen_ai.input.messages']).toBe(`${'x'.repeat(500_000)}… [cut]`);
    expect(attributes['gen_ai.usage.input_tokens']).toBe('14');
    expect(attributes[REPAIRED]).toEqual(['gen_ai.input.messages']);
  });

  test('again and again until nothing is long, with one notice', () => {
    const record = Buffer.from(spanRecord(ID, 'x'.repeat(1_000_000)));
    const { attributes } = parseRecord(shortened(record, 3).toString());
    expect(attributes['gen_ai.input.messages']).toBe(`${'x'.repeat(125_005)}… [cut]`);
    expect(attributes[REPAIRED]).toEqual(['gen_ai.input.messages']);
    let last: Buffer = record;
    let steps = 0;
    for (let next = shortenRecord(record); next; next = shortenRecord(next), steps++) last = next;
    expect(steps).toBeLessThan(10);
    expect(last.length).toBeLessThan(10_000);
  });

  test('finds what is long in lists, events and the resource', () => {
    const long = { stringValue: 'x'.repeat(10_000) };
    const record = {
      resource: { attributes: [{ key: 'command', value: long }] },
      scopeSpans: [
        {
          spans: [
            {
              attributes: [
                {
                  key: 'deep',
                  value: { arrayValue: { values: [{ kvlistValue: { values: [{ key: 'a', value: long }] } }] } },
                },
              ],
              events: [{ name: 'exception', attributes: [{ key: 'stack', value: long }] }],
            },
          ],
        },
      ],
    };
    const text = shortened(Buffer.from(JSON.stringify(record))).toString();
    expect(text).not.toMatch(/x{5001}/);
    expect(text.match(/\[cut\]/g)).toHaveLength(3);
    for (const name of ['resource', 'deep', 'events']) expect(text).toContain(`{"stringValue":"${name}"}`);
  });

  test('leaves no half character', () => {
    const record = Buffer.from(spanRecord(ID, `a${'😀'.repeat(10_000)}`));
    const text = shortened(record).toString();
    expect(text.isWellFormed()).toBe(true);
    expect(JSON.stringify(JSON.parse(text))).not.toMatch(/\\ud/);
  });

  test.each([spanRecord(ID), 'no JSON', '[]', '{"scopeSpans":[{"spans":[1]}]}'])(
    'finds nothing long in %s',
    (record) => {
      expect(shortenRecord(Buffer.from(record))).toBeUndefined();
    },
  );
});
