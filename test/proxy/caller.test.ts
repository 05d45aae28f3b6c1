import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { context, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llmContextOf } from '../../src/context/llm-context.ts';
import { onBehalfOf } from '../../src/proxy/caller.ts';

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

const parentOf = (traceparent: string, tracestate?: string) =>
  onBehalfOf({ traceparent, ...(tracestate !== undefined && { tracestate }) }, () =>
    trace.getSpanContext(context.active()),
  );

describe('the parent', () => {
  test('is the span of the caller', () => {
    const parent = parentOf(`00-${TRACE}-${SPAN}-01`, 'vendor=1');
    expect(parent).toMatchObject({ traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true });
    expect(parent?.traceState?.get('vendor')).toBe('1');
    expect(parentOf(`00-${TRACE}-${SPAN}-00`)?.traceFlags).toBe(0);
    // A later version may have more at its end.
    expect(parentOf(`01-${TRACE}-${SPAN}-01-more`)?.spanId).toBe(SPAN);
  });

  test.each([
    '',
    TRACE,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-0`,
    `00-${TRACE}-${SPAN}-011`,
  ])('%j is none', (traceparent) => {
    expect(parentOf(traceparent)).toBeUndefined();
  });
});

const valuesOf = (headers: Record<string, string>) => onBehalfOf(headers, () => llmContextOf(context.active()));

describe('the values', () => {
  test('are what the headers say', () => {
    expect(
      valuesOf({
        'x-langfuse-user-id': 'ada',
        'x-langfuse-session-id': 's-1',
        'x-langfuse-trace-name': 'answer',
        'x-langfuse-feature': 'search',
        'x-langfuse-version': '1.2',
        'x-langfuse-tags': 'one, two,,',
        'x-langfuse-metadata-team': 'a',
        'x-langfuse-metadata-cost-center': '7',
      }),
    ).toEqual({
      userId: 'ada',
      sessionId: 's-1',
      traceName: 'answer',
      feature: 'search',
      version: '1.2',
      tags: ['one', 'two'],
      metadata: { team: 'a', 'cost-center': '7' },
    });
  });

  test('are none where there are no headers', () => {
    expect(valuesOf({ authorization: 'Bearer sk-1', 'x-langfuse-user-id': '', 'x-langfuse-tags': ' ,' })).toEqual({});
  });

  test('are read in the encoding they were sent in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const sent = Buffer.from(text).toString('latin1');
        expect(valuesOf({ 'x-langfuse-user-id': sent })).toEqual({ userId: text });
      }),
    );
    expect(valuesOf({ 'x-langfuse-user-id': 'K\u00f6ln' })).toEqual({ userId: 'K\u00f6ln' });
  });
});
