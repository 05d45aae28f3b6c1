import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentStore } from '../../src/util/recent-store.ts';

const LIMITS = { maxBytes: 20, maxAgeMs: 10 };

/** The same, as simple as it can be said. */
class Model {
  entries: { key: string; value: number; bytes: number; since: number }[] = [];

  get bytes(): number {
    return this.entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  delete(key: string): void {
    this.entries = this.entries.filter((entry) => entry.key !== key);
  }

  set(key: string, value: number, bytes: number, now: number): void {
    this.delete(key);
    this.entries.push({ key, value, bytes, since: now });
    while (this.entries[0] && (this.bytes > LIMITS.maxBytes || this.entries[0].since < now - LIMITS.maxAgeMs))
      this.entries.shift();
  }
}

test('the oldest goes first, whatever is set again and taken in between', () => {
  const step = fc.record({
    does: fc.constantFrom('set', 'set', 'set', 'take', 'wait'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    size: fc.nat(25),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      let now = 0;
      const model = new Model();
      const store = new RecentStore<number>(LIMITS, () => now);
      for (const [value, { does, key, size }] of steps.entries()) {
        if (does === 'wait') now += size / 2;
        else if (does === 'set') {
          store.set(key, value, size);
          model.set(key, value, size, now);
        } else {
          expect(store.take(key)).toBe(model.entries.find((entry) => entry.key === key)?.value);
          model.delete(key);
        }
        expect([store.size, store.bytes]).toEqual([model.entries.length, model.bytes]);
        for (const entry of model.entries) expect(store.get(entry.key)).toBe(entry.value);
      }
    }),
  );
});

test('a full store takes no longer for an entry than one that fills', () => {
  const store = new RecentStore<number>({ maxBytes: 300_000, maxAgeMs: 60_000 });
  for (let count = 0; count < 1_000_000; count++) store.set(String(count), count, 1);
  expect(store.size).toBe(300_000);
});
