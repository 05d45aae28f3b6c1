import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llmContextOf, withLlmContext } from '../../src/context/llm-context.ts';

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

/** As `propagateAttributes` of `@langfuse/core` 5 leaves it; test/docs/recipes.test.ts runs the real one. */
function sdkContext(values: Record<string, unknown>): Context {
  return Object.entries(values).reduce(
    (carrying, [name, value]) => carrying.setValue(createContextKey(`langfuse_${name}`), value),
    ROOT_CONTEXT,
  );
}

const SAID = {
  user_id: 'ada',
  session_id: 's1',
  trace_name: 'answer',
  version: '1.2',
  prompt_name: 'qa',
  prompt_version: 3,
  tags: ['beta'],
  metadata: { plan: 'pro' },
};
const READ = {
  userId: 'ada',
  sessionId: 's1',
  traceName: 'answer',
  version: '1.2',
  promptName: 'qa',
  promptVersion: 3,
  tags: ['beta'],
  metadata: { plan: 'pro' },
};

describe('what the Langfuse SDK holds in the context', () => {
  test('is read', () => {
    expect(llmContextOf(sdkContext(SAID))).toEqual(READ);
  });

  test('holds beside ours, which go before it', () => {
    context.with(sdkContext(SAID), () =>
      withLlmContext({ userId: 'bob', feature: 'search', tags: ['alpha'] }, () =>
        expect(llmContextOf(context.active())).toEqual({
          ...READ,
          userId: 'bob',
          feature: 'search',
          tags: ['beta', 'alpha'],
        }),
      ),
    );
  });

  test('is nothing where it says nothing, or nothing that makes sense', () => {
    expect(llmContextOf(ROOT_CONTEXT)).toBeUndefined();
    expect(llmContextOf(sdkContext({ user_id: 7, prompt_version: '3', tags: {}, metadata: 'pro' }))).toEqual({});
  });
});
