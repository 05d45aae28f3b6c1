import { expect, test } from 'vitest';
import { errorMessage, errorType } from '../../src/instrumentation/outcome.ts';

test('the code of the cause is the type, its message what a person reads', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  const error = new TypeError('fetch failed', { cause });
  expect([errorType(error), errorMessage(error)]).toEqual(['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1']);
});

test('what is thrown may be anything', () => {
  expect([errorType('no'), errorMessage('no'), errorType(undefined)]).toEqual(['Error', undefined, 'Error']);
});

test('no password of an address is recorded', () => {
  const said = 'Request cannot be constructed from a URL that includes credentials: ';
  expect(errorMessage(new TypeError(`${said}http://user:secret@llm/v1`))).toBe(`${said}http://…@llm/v1`);
});
