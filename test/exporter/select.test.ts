import { describe, expect, test } from 'vitest';
import { Selector } from '../../src/exporter/select.ts';
import { LLM, readableSpan, type SpanSketch } from './readable-spans.ts';

let time = 0;

function selector(): Selector {
  return new Selector({ selection: 'llm-path', seesStarts: true, now: () => time });
}

function taken(from: Selector): string[] {
  return from.take().selected.map(({ span, isTop }) => (isTop ? `${span.name} (top)` : span.name));
}

const llm = (name: string, parent?: string): SpanSketch => ({ name, attributes: LLM, ...(parent && { parent }) });

describe('selector', () => {
  test('children come before their parents, in whatever order they end', () => {
    const selected = selector();
    const spans = [{ name: 'root' }, { name: 'step', parent: 'root' }, llm('a', 'step'), llm('b', 'step')].map(
      readableSpan,
    );
    for (const span of spans) selected.started(span);
    for (const span of spans) selected.ended(span);
    expect(taken(selected)).toEqual(['a', 'b', 'step', 'root (top)']);
    expect(selected.holding).toBe(0);
  });

  test('a span that leads nowhere is dropped at once', () => {
    const selected = selector();
    selected.startedTogether([readableSpan({ name: 'root' }), readableSpan({ name: 'db', parent: 'root' })]);
    selected.ended(readableSpan({ name: 'db', parent: 'root' }));
    expect(selected.holding).toBe(0);
  });

  test('a span that may still lead somewhere waits a minute, an LLM span two seconds', () => {
    const selected = selector();
    const spans = [{ name: 'root' }, llm('agent', 'root'), { name: 'open', parent: 'agent' }].map(readableSpan);
    selected.startedTogether(spans);
    for (const span of spans.slice(0, 2)) selected.ended(span);
    time += 1_999;
    selected.release('due');
    expect(taken(selected)).toEqual([]);
    time += 1;
    selected.release('due');
    expect(taken(selected)).toEqual(['agent']);
    time += 58_000;
    selected.release('due');
    expect(selected.holding).toBe(0);
  });

  test('a call that ends after its parent was dropped still makes the ancestors above lead to it', () => {
    const selected = selector();
    const spans = [{ name: 'root' }, { name: 'job', parent: 'root' }, llm('call', 'job')].map(readableSpan);
    selected.startedTogether(spans);
    const [root, job, call] = spans;
    if (!root || !job || !call) throw new Error('three spans');
    selected.ended(job);
    time += 60_000;
    selected.release('due');
    selected.ended(call);
    selected.ended(root);
    expect(taken(selected)).toEqual(['call', 'root (top)']);
  });

  test('a flush does not wait for open spans below LLM spans, and keeps waiting for the others', () => {
    const selected = selector();
    selected.startedTogether(
      [{ name: 'job' }, llm('call', 'job'), llm('agent'), llm('below', 'agent')].map(readableSpan),
    );
    selected.ended(readableSpan({ name: 'job' }));
    selected.ended(readableSpan(llm('agent')));
    selected.release('llm');
    expect(taken(selected)).toEqual(['agent (top)']);
    selected.ended(readableSpan(llm('below', 'agent')));
    selected.ended(readableSpan(llm('call', 'job')));
    expect(taken(selected)).toEqual(['below', 'call', 'job (top)']);
  });

  test('a child that starts after its parent has gone is not the top', () => {
    const selected = selector();
    selected.started(readableSpan(llm('agent')));
    selected.ended(readableSpan(llm('agent')));
    selected.started(readableSpan(llm('late', 'agent')));
    selected.ended(readableSpan(llm('late', 'agent')));
    expect(taken(selected)).toEqual(['agent (top)', 'late']);
  });

  test('spans that never end fill neither memory nor the way of others', () => {
    const selected = selector();
    for (let index = 0; index < 30_000; index++) selected.started(readableSpan({ name: `leak${index.toString(36)}` }));
    selected.started(readableSpan(llm('call', 'leak1')));
    selected.ended(readableSpan(llm('call', 'leak1')));
    expect(taken(selected)).toEqual(['call (top)']);
  });

  test('parent links that go in a circle end', () => {
    for (const selection of ['llm-path', 'llm', 'all'] as const) {
      const selected = new Selector({ selection, seesStarts: true, now: () => time });
      const spans = [
        { name: 'a', parent: 'b' },
        { name: 'b', parent: 'a' },
        { name: 'self', parent: 'self' },
        llm('call', 'a'),
      ].map(readableSpan);
      selected.startedTogether(spans);
      for (const span of spans) selected.ended(span);
      time += 60_000;
      selected.release('due');
      expect(taken(selected)).toContain(selection === 'llm' ? 'call (top)' : 'call');
      expect(selected.holding).toBe(0);
    }
  });

  test('at most a thousand spans are held', () => {
    const selected = selector();
    for (let index = 0; index < 3_000; index++) {
      const name = `p${index}`;
      selected.startedTogether([readableSpan(llm(name)), readableSpan({ name: `c${index}`, parent: name })]);
      selected.ended(readableSpan(llm(name)));
    }
    expect(selected.holding).toBe(1_000);
    expect(taken(selected)).toHaveLength(2_000);
  });

  test('a span that ends without having been seen to start is selected like any other', () => {
    const selected = selector();
    selected.ended(readableSpan(llm('call')));
    expect(taken(selected)).toEqual(['call (top)']);
  });
});
