import { describe, expect, test } from 'vitest';
import { classifyResponse } from '../../src/delivery/classify-response.ts';

const NOW = Date.UTC(2026, 2, 1, 12, 0, 0);
const kindOf = (status: number): string => classifyResponse({ status, body: '' }, NOW).kind;

describe('what an answer means', () => {
  test.each([
    ['accepted', [200, 201, 202, 204, 207]],
    ['retry', [408, 425, 429, 500, 502, 503, 504, 520, 599, 0, 100, 600]],
    ['refused', [301, 302, 307, 308, 401, 402, 403, 404, 405, 407]],
    ['too-large', [413]],
    ['invalid', [400, 406, 409, 415, 422]],
  ])('%s: %j', (kind, statuses) => {
    expect(statuses.map(kindOf)).toEqual(statuses.map(() => kind));
  });

  test.each([
    [{ partialSuccess: { rejectedSpans: 3 } }, 3],
    [{ partialSuccess: { rejectedSpans: '3', errorMessage: 'no' } }, 3],
    [{ partialSuccess: {} }, 0],
    [{ partialSuccess: null }, 0],
    [{}, 0],
  ])('a partial success %j rejects %i spans', (body, rejectedSpans) => {
    const outcome = classifyResponse({ status: 200, body: JSON.stringify(body) }, NOW);
    expect(outcome).toEqual({ kind: 'accepted', rejectedSpans });
  });

  test.each([
    ['7', 7000],
    ['0', 0],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['86400', 3_600_000],
    ['soon', undefined],
  ])('Retry-After %s is %s ms', (retryAfter, afterMs) => {
    const outcome = classifyResponse({ status: 503, body: '', retryAfter }, NOW);
    expect(outcome).toEqual({ kind: 'retry', cause: 'HTTP 503', ...(afterMs !== undefined && { afterMs }) });
  });

  test.each([
    [{ message: 'Invalid request data', error: 'endTime missing' }, 'Invalid request data: endTime missing'],
    [
      { message: 'Invalid request data', error: [{ code: 'invalid_type', path: ['spans', 0], message: 'Required' }] },
      'Invalid request data: spans.0 Required',
    ],
    [{ error: { message: 'nope' } }, 'nope'],
    ['plain text', 'plain text'],
  ])("the server's words in %j", (body, words) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    expect(classifyResponse({ status: 400, body: text }, NOW)).toEqual({ kind: 'invalid', status: 400, words });
  });

  test('a long error page is cut', () => {
    const outcome = classifyResponse({ status: 400, body: '<p>'.repeat(10_000) }, NOW);
    expect(outcome.kind === 'invalid' && outcome.words.length).toBe(500);
  });
});
