import { describe, expect, test } from 'vitest';
import { rootSpanId, toSpanId, toTraceId, urlWithSpanIds, withSpanIds } from '../../../src/gateway/legacy/ids.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = '00f067aa0ba902b7';

describe('ids', () => {
  test('of OpenTelemetry stay', () => {
    expect([toTraceId(TRACE_ID), toSpanId(SPAN_ID)]).toEqual([TRACE_ID, SPAN_ID]);
    expect(toTraceId(TRACE_ID.toUpperCase())).toBe(TRACE_ID);
  });

  test('any other text becomes one, always the same, and stays that', () => {
    for (const id of ['x', 'b4f9c8de-0000-4000-8000-c0ffee000000', '0'.repeat(32), SPAN_ID, 'ü', ' '.repeat(800)]) {
      expect(toTraceId(id)).toMatch(/^[0-9a-f]{32}$/);
      expect(toTraceId(toTraceId(id))).toBe(toTraceId(id));
      expect(toTraceId(id)).not.toBe(toTraceId(`${id}2`));
    }
  });

  test('an observation may have the id of its trace', () => {
    expect(rootSpanId(TRACE_ID)).not.toBe(toSpanId(TRACE_ID));
  });
});

describe('what refers to them', () => {
  test('fields', () => {
    const fields = { traceId: 'a', observationId: 'b', parentObservationId: '', name: 'traceId', value: 1, id: 'c' };
    expect(withSpanIds(fields)).toEqual({ ...fields, traceId: toTraceId('a'), observationId: toSpanId('b') });
  });

  test.each([
    ['/api/public/traces/a%20b', `/api/public/traces/${toTraceId('a b')}`],
    ['/api/public/traces/%E0%A4%A', `/api/public/traces/${toTraceId('%E0%A4%A')}`],
    ['/api/public/observations/a', `/api/public/observations/${toSpanId('a')}`],
    ['/api/public/traces?userId=a&limit=10', '/api/public/traces?userId=a&limit=10'],
    ['/api/public/observations?traceId=a&page=2', `/api/public/observations?traceId=${toTraceId('a')}&page=2`],
    ['/api/public/v2/prompts/traces', '/api/public/v2/prompts/traces'],
    ['/api/public/sessions/a', '/api/public/sessions/a'],
  ])('%s', (asked, mapped) => {
    const { pathname, search } = urlWithSpanIds(new URL(asked, 'http://gateway'));
    expect(pathname + search).toBe(mapped);
  });
});
