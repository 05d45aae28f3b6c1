import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Exchange } from '../../src/instrumentation/exchange.ts';
import { Finishing } from '../../src/instrumentation/finishing.ts';
import { chatExchange } from './exchanges.ts';

let finished: Exchange[];
let finishing: Finishing;

beforeEach(() => {
  vi.useFakeTimers();
  finished = [];
  finishing = new Finishing({ finish: (exchange) => finished.push(exchange), readBacklog() {} });
});
afterEach(() => void vi.useRealTimers());

function begin(): Exchange {
  const exchange = chatExchange(finishing);
  finishing.begin(exchange);
  return exchange;
}

describe('Finishing', () => {
  test('reads an exchange some 20 ms after its end, not during it', () => {
    begin().end({ kind: 'finished' });
    expect(finished).toHaveLength(0);
    vi.advanceTimersByTime(25);
    expect(finished).toHaveLength(1);
  });

  test('reads at once when too much waits', () => {
    for (let count = 0; count < 256; count++) begin().end({ kind: 'finished' });
    expect(finished).toHaveLength(256);
  });

  test('finishes now what has ended, and at the end of the process what has not', () => {
    const [ended, open] = [begin(), begin()];
    ended.end({ kind: 'finished' });
    finishing.finishNow();
    expect(finished).toEqual([ended]);
    finishing.endOpen();
    finishing.finishNow();
    expect(finished).toEqual([ended, open]);
    expect(open.outcome).toEqual({ kind: 'exit' });
  });

  test('an exchange that cannot be read does not cost another', () => {
    const read: Exchange[] = [];
    const [first, second] = [chatExchange(), chatExchange()];
    const fragile = new Finishing({
      finish(exchange) {
        if (exchange === first) throw new Error('unreadable');
        read.push(exchange);
      },
      readBacklog() {},
    });
    fragile.onEnd(first);
    fragile.onEnd(second);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    fragile.finishNow();
    expect(read).toEqual([second]);
  });

  test('work is done in slices, so that the app gets its turn', async () => {
    vi.useRealTimers();
    const slow = new Finishing({
      finish(exchange) {
        const until = performance.now() + 2;
        while (performance.now() < until);
        finished.push(exchange);
      },
      readBacklog() {},
    });
    for (let count = 0; count < 10; count++) slow.onEnd(chatExchange());
    const turns: number[] = [];
    while (finished.length < 10) {
      await new Promise((resolve) => setImmediate(resolve));
      turns.push(finished.length);
    }
    expect(turns.some((count) => count > 0 && count < 10)).toBe(true);
  });
});
