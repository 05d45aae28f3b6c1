import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, expect, test, vi } from 'vitest';
import { contextStore } from '../../src/instrumentation/context-store.ts';

/** As a channel of Node 25.9 and later does it. */
interface Entered {
  dispose?(): void;
  [Symbol.dispose]?(): void;
}
const enter = (entered = inside): Entered =>
  (contextStore as unknown as { withScope(entered: object): Entered }).withScope(entered);

const inside = ROOT_CONTEXT.setValue(createContextKey('test'), 'inside');

afterEach(() => {
  context.disable();
  vi.restoreAllMocks();
});

test('enters a context in the manager that is registered, until it is left', () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  const entered = enter();
  expect(context.active()).toBe(inside);
  entered.dispose?.();
  expect(context.active()).toBe(ROOT_CONTEXT);
});

test.each([
  ['no manager', () => {}],
  ['a manager of before', () => context.setGlobalContextManager(managerWith({}))],
  [
    'a manager that fails',
    () => {
      vi.spyOn(process.stderr, 'write').mockReturnValue(true);
      context.setGlobalContextManager(managerWith({ attach: fail }));
    },
  ],
])('with %s nothing is entered, and the app does its work', (_, prepare) => {
  prepare();
  expect(enter()[Symbol.dispose]?.()).toBeUndefined();
  expect(context.active()).toBe(ROOT_CONTEXT);
});

function fail(): never {
  throw new Error('broken');
}

function managerWith(more: object): AsyncLocalStorageContextManager {
  return Object.assign(new AsyncLocalStorageContextManager(), { attach: undefined }, more);
}
