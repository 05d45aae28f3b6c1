import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Obstacle, RetryingSender } from '../../src/delivery/retrying-sender.ts';
import type { SendOutcome, Sender } from '../../src/delivery/sender.ts';

const ACCEPTED: SendOutcome = { kind: 'accepted', rejectedSpans: 0 };
const DOWN: SendOutcome = { kind: 'retry', cause: 'HTTP 500' };
const REFUSED: SendOutcome = { kind: 'refused', cause: 'HTTP 401' };
const RECORDS = [Buffer.from('{}')];

/** Gives the outcomes one after the other, the last for ever, and notes when it was asked. */
function scripted(...outcomes: SendOutcome[]): Sender & { times: number[] } {
  const times: number[] = [];
  return {
    times,
    send: async () => {
      times.push(Date.now());
      return outcomes[Math.min(times.length, outcomes.length) - 1] ?? DOWN;
    },
  };
}

const gaps = (times: number[]): number[] => times.slice(1).map((time, index) => time - (times[index] ?? 0));

describe('retrying sender', () => {
  const stop = new AbortController();
  const obstacles: (Obstacle | undefined)[] = [];
  const create = (sender: Sender, { random = 0.5, urgent = false } = {}): RetryingSender =>
    new RetryingSender(sender, {
      onObstacle: (obstacle) => obstacles.push(obstacle),
      urgent: () => urgent,
      random: () => random,
    });

  beforeEach(() => {
    vi.useFakeTimers();
    obstacles.length = 0;
  });
  afterEach(() => vi.useRealTimers());

  test('full jitter doubles from 1 s and stays at 60 s', async () => {
    const sender = scripted(...Array.from({ length: 9 }, () => DOWN), ACCEPTED);
    const sent = create(sender, { random: 0.999 }).send(RECORDS, stop.signal);
    await vi.runAllTimersAsync();
    await expect(sent).resolves.toEqual(ACCEPTED);
    expect(gaps(sender.times).map((gap) => Math.round(gap / 1000))).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('the delay may be anything from 0: processes do not return as one', async () => {
    const sender = scripted(DOWN, DOWN, ACCEPTED);
    void create(sender, { random: 0 }).send(RECORDS, stop.signal);
    await vi.runAllTimersAsync();
    expect(gaps(sender.times).every((gap) => gap <= 1)).toBe(true);
  });

  test('an outage of a day is waited out', async () => {
    const end = Date.now() + 24 * 60 * 60 * 1000;
    const sender: Sender = { send: async () => (Date.now() < end ? DOWN : ACCEPTED) };
    const sent = create(sender).send(RECORDS, stop.signal);
    await vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1000 + 60_000);
    await expect(sent).resolves.toEqual(ACCEPTED);
  });

  test('Retry-After is the least time, even when somebody waits', async () => {
    const sender = scripted({ kind: 'retry', cause: 'HTTP 429', afterMs: 20_000 }, ACCEPTED);
    const retrying = create(sender, { urgent: true });
    const sent = retrying.send(RECORDS, stop.signal);
    await vi.advanceTimersByTimeAsync(10_000);
    retrying.retryNow();
    await vi.advanceTimersByTimeAsync(9_000);
    expect(sender.times).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    await expect(sent).resolves.toEqual(ACCEPTED);
  });

  test('of several that send, one tries a destination that is down, and all go on when it is back', async () => {
    let down = true;
    const sender: Sender & { times: number[] } = {
      times: [],
      async send() {
        sender.times.push(Date.now());
        return down ? DOWN : ACCEPTED;
      },
    };
    const retrying = create(sender, { random: 0.999 });
    const sent = [1, 2, 3].map(() => retrying.send(RECORDS, stop.signal));
    await vi.advanceTimersByTimeAsync(20_000);
    // The three that found out, then 1, 2, 4 and 8 s later: as one would.
    expect(sender.times).toHaveLength(3 + 4);
    down = false;
    await vi.advanceTimersByTimeAsync(16_000);
    await expect(Promise.all(sent)).resolves.toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    expect(obstacles).toEqual([DOWN, DOWN, DOWN, DOWN, DOWN, undefined, undefined, undefined]);
  });

  test('stopping ends those that wait for the one that tries', async () => {
    const retrying = create(scripted(DOWN));
    const controller = new AbortController();
    const sent = [1, 2, 3].map(() => retrying.send(RECORDS, controller.signal).catch(() => 'stopped'));
    await vi.advanceTimersByTimeAsync(3000);
    controller.abort();
    await expect(Promise.all(sent)).resolves.toEqual(['stopped', 'stopped', 'stopped']);
  });

  test('refused keys are probed once a minute', async () => {
    const sender = scripted(REFUSED, REFUSED, REFUSED, ACCEPTED);
    const sent = create(sender).send(RECORDS, stop.signal);
    await vi.runAllTimersAsync();
    await expect(sent).resolves.toEqual(ACCEPTED);
    expect(gaps(sender.times)).toEqual([60_000, 60_000, 60_000]);
    expect(obstacles).toEqual([REFUSED, REFUSED, REFUSED, undefined]);
  });

  test('a flush cuts the delay short, and while it waits delays do not grow', async () => {
    const sender = scripted(DOWN);
    const retrying = create(sender, { random: 0.999, urgent: true });
    const controller = new AbortController();
    const sent = retrying.send(RECORDS, controller.signal).catch(() => 'stopped');
    await vi.advanceTimersByTimeAsync(0);
    retrying.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(sender.times).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sender.times.length).toBeGreaterThanOrEqual(11);
    controller.abort();
    await expect(sent).resolves.toBe('stopped');
  });

  test.each<SendOutcome>([{ kind: 'too-large' }, { kind: 'invalid', status: 400, words: '' }])(
    '$kind is not for it to repeat',
    async (outcome) => {
      const sender = scripted(outcome);
      await expect(create(sender).send(RECORDS, stop.signal)).resolves.toEqual(outcome);
      expect(sender.times).toHaveLength(1);
    },
  );
});
