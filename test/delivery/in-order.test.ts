import { describe, expect, test } from 'vitest';
import { InOrder } from '../../src/delivery/in-order.ts';
import { spanRecord } from '../support/spans.ts';

const [A, B] = ['000000000000000a', '000000000000000b'];
const tick = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function setUp(): {
  give: (id: string, name: string) => Promise<void>;
  sent: string[];
  finish: (name: string) => void;
} {
  const inOrder = new InOrder();
  const sent: string[] = [];
  const open = new Map<string, () => void>();
  return {
    sent,
    finish: (name) => open.get(name)?.(),
    give: (id, name) =>
      inOrder.run([Buffer.from(spanRecord(id, `"spanId":"${A}"`))], () => {
        sent.push(name);
        return new Promise<void>((resolve) => void open.set(name, resolve));
      }),
  };
}

describe('in order', () => {
  test('a corrected span waits for the one it replaces, others do not', async () => {
    const { give, sent, finish } = setUp();
    const all = [give(A, 'first a'), give(B, 'b'), give(A, 'second a'), give(A, 'third a')];
    await tick();
    expect(sent).toEqual(['first a', 'b']);
    finish('first a');
    await tick();
    expect(sent).toEqual(['first a', 'b', 'second a']);
    finish('second a');
    await tick();
    for (const name of ['third a', 'b']) finish(name);
    await Promise.all(all);
    expect(sent).toEqual(['first a', 'b', 'second a', 'third a']);
  });

  test('what fails holds nobody up', async () => {
    const inOrder = new InOrder();
    const record = Buffer.from(spanRecord(A));
    const failed = inOrder.run([record], () => Promise.reject(new Error('stopped')));
    const next = inOrder.run([record], async () => 'sent');
    await expect(failed).rejects.toThrow('stopped');
    await expect(next).resolves.toBe('sent');
  });
});
