import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromBaggage, toBaggage } from '../../src/context/baggage.ts';
import {
  type LlmContext,
  llmContextAttributes,
  llmContextOf,
  setContextPropagation,
  withLlmContext,
} from '../../src/context/llm-context.ts';

const active = (): LlmContext | undefined => llmContextOf(context.active());

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

async function* numbers(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}

describe('withLlmContext', () => {
  test('holds over awaits and timers, and only inside', async () => {
    await withLlmContext({ userId: 'ada' }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(active()).toEqual({ userId: 'ada' });
    });
    expect(active()).toBeUndefined();
  });

  test('holds in an async generator read inside', async () => {
    const seen: unknown[] = [];
    await withLlmContext({ sessionId: 's' }, async () => {
      for await (const _ of numbers()) seen.push(active()?.sessionId);
    });
    expect(seen).toEqual(['s', 's']);
  });

  test('merges: inner values win, tags and metadata add up', () => {
    withLlmContext({ userId: 'ada', tags: ['a'], metadata: { team: 'x', plan: 'free' } }, () =>
      withLlmContext({ userId: 'bob', tags: ['a', 'b'], metadata: { plan: 'pro' } }, () => {
        expect(active()).toEqual({ userId: 'bob', tags: ['a', 'b'], metadata: { team: 'x', plan: 'pro' } });
      }),
    );
  });

  test('returns what the function returns and lets errors through', () => {
    expect(withLlmContext({}, () => 42)).toBe(42);
    expect(() =>
      withLlmContext({}, () => {
        throw new Error('app');
      }),
    ).toThrow('app');
  });
});

test('holds without a context manager, as in an app bundled with an API of its own', async () => {
  context.disable();
  await withLlmContext({ userId: 'ada' }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(active()).toEqual({ userId: 'ada' });
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

test('attributes have the names Langfuse reads; a feature is a tag and metadata', () => {
  const attributes = llmContextAttributes({
    userId: 'ada',
    sessionId: 's1',
    tags: ['beta'],
    metadata: { plan: 'pro', seats: 3 },
    traceName: 'search',
    feature: 'document-qa',
    promptName: 'answer',
    promptVersion: 3,
    version: '1.2',
  });
  expect(attributes).toEqual({
    'user.id': 'ada',
    'session.id': 's1',
    'langfuse.trace.name': 'search',
    'langfuse.trace.tags': ['beta', 'feature:document-qa'],
    'langfuse.trace.metadata.plan': 'pro',
    'langfuse.trace.metadata.seats': 3,
    'langfuse.trace.metadata.feature': 'document-qa',
    'langfuse.observation.prompt.name': 'answer',
    'langfuse.observation.prompt.version': 3,
    'langfuse.version': '1.2',
  });
});

describe('baggage', () => {
  const values: LlmContext = {
    userId: 'ada',
    sessionId: 's1',
    traceName: 't',
    version: '1',
    promptName: 'p',
    promptVersion: 2,
    tags: ['a', 'b'],
    metadata: { plan: 'pro' },
    feature: 'search',
  };

  test('reads what it writes', () => {
    expect(fromBaggage(toBaggage(values))).toEqual(values);
  });

  test("leaves others' entries alone and ignores them", () => {
    const others = propagation.createBaggage({ tenant: { value: 'x' } });
    expect(toBaggage({ userId: 'ada' }, others).getEntry('tenant')?.value).toBe('x');
    expect(fromBaggage(others)).toBeUndefined();
  });

  test('is neither written nor believed unless propagation is on', () => {
    const incoming = propagation.setBaggage(ROOT_CONTEXT, toBaggage(values));
    expect(llmContextOf(incoming)).toBeUndefined();
    withLlmContext(values, () => expect(propagation.getActiveBaggage()).toBeUndefined());
    setContextPropagation(true);
    try {
      expect(llmContextOf(incoming)).toEqual(values);
      withLlmContext({ userId: 'ada' }, () => {
        expect(propagation.getActiveBaggage()?.getEntry('langfuse_user_id')?.value).toBe('ada');
      });
    } finally {
      setContextPropagation(false);
    }
  });
});
