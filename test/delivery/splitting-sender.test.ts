import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PersistentSender } from '../../src/delivery/sender.ts';
import { halves, sendSplitting } from '../../src/delivery/splitting-sender.ts';
import { spanRecord } from '../support/spans.ts';

const { signal } = new AbortController();

/** A server that takes requests of at most `maxBytes` without any of the bad records. */
function server(
  bad: ReadonlySet<string>,
  maxBytes: number,
): PersistentSender & { accepted: string[]; requests: number } {
  const self = {
    accepted: [] as string[],
    requests: 0,
    send: async (records: readonly Buffer[]) => {
      self.requests++;
      if (records.reduce((sum, { length }) => sum + length, 0) > maxBytes) return { kind: 'too-large' } as const;
      if (records.some((record) => bad.has(String(record))))
        return { kind: 'invalid', status: 400, words: 'no' } as const;
      self.accepted.push(...records.map(String));
      return { kind: 'accepted', rejectedSpans: 0 } as const;
    },
  };
  return self;
}

describe('splitting sender', () => {
  test('delivers every good record once and dead-letters every other once, in order', async () => {
    const batch = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        batch,
        fc.infiniteStream(fc.boolean()),
        fc.integer({ min: 5, max: 60 }),
        async (texts, bits, maxBytes) => {
          const bad = new Set(texts.filter(() => bits.next().value));
          const target = server(bad, maxBytes);
          const letters: string[] = [];
          const records = texts.map((text) => Buffer.from(text));
          const settlement = await sendSplitting(target, (record) => letters.push(String(record)) > 0, records, signal);
          const hopeless = (text: string): boolean => bad.has(text) || Buffer.byteLength(text) > maxBytes;
          expect(target.accepted).toEqual(texts.filter((text) => !hopeless(text)));
          expect(letters).toEqual(texts.filter(hopeless));
          expect(settlement).toEqual({ delivered: target.accepted.length, deadLettered: letters.length, dropped: {} });
        },
      ),
    );
  });

  test('finds one bad record among 1000 in some twenty requests', async () => {
    const texts = Array.from({ length: 1000 }, (_, index) => `{"span":${1000 + index}}`);
    const target = server(new Set(['{"span":1777}']), 1e6);
    await sendSplitting(
      target,
      () => true,
      texts.map((text) => Buffer.from(text)),
      signal,
    );
    expect(target.requests).toBeLessThanOrEqual(21);
  });

  test('a lone record that is too large is cut until it fits; one that never does is a dead letter as it was', async () => {
    const record = Buffer.from(spanRecord('0000000000000001', 'x'.repeat(200_000)));
    const target = server(new Set(), 60_000);
    expect(await sendSplitting(target, () => false, [record], signal)).toEqual({
      delivered: 1,
      deadLettered: 0,
      dropped: {},
    });
    expect(target.accepted[0]).toContain('[cut]');
    const letters: string[] = [];
    const keep = (letter: Buffer): boolean => letters.push(String(letter)) > 0;
    expect(await sendSplitting(server(new Set(), 100), keep, [record], signal)).toMatchObject({ deadLettered: 1 });
    expect(letters).toEqual([String(record)]);
  });

  test('a partial success counts what the server rejected', async () => {
    const sender: PersistentSender = { send: async () => ({ kind: 'accepted', rejectedSpans: 2 }) };
    const records = ['a', 'b', 'c'].map((text) => Buffer.from(text));
    const settlement = await sendSplitting(sender, () => true, records, signal);
    expect(settlement).toEqual({ delivered: 1, deadLettered: 0, dropped: { rejected: 2 } });
  });

  test('a dead letter that cannot be written is dropped and counted', async () => {
    const settlement = await sendSplitting(server(new Set(['a']), 10), () => false, [Buffer.from('a')], signal);
    expect(settlement).toEqual({ delivered: 0, deadLettered: 0, dropped: { 'dead-letter-unwritable': 1 } });
  });

  test('halves are never empty, whatever the sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 2, maxLength: 20 }), (sizes) => {
        const [first, second] = halves(sizes.map((size) => Buffer.alloc(size)));
        expect(first.length).toBeGreaterThan(0);
        expect(second.length).toBeGreaterThan(0);
        expect(first.length + second.length).toBe(sizes.length);
      }),
    );
  });
});
