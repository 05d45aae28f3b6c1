import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadLetterFile, withoutQuotes } from '../../src/delivery/dead-letters.ts';
import { setLogLevel } from '../../src/util/diagnostics.ts';
import { spanRecord } from '../support/spans.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('dead letters', () => {
  beforeEach(() => setLogLevel('silent'));
  afterEach(() => setLogLevel('info'));

  test('keep the record as it was, one line each, for nobody else', () => {
    const file = path.join(temporaryDirectory(), 'dead-letters', 'one.jsonl');
    const store = deadLetterFile(file);
    const records = [spanRecord('0000000000000001', 'a\nb'), spanRecord('0000000000000002')];
    for (const record of records) {
      expect(store(Buffer.from(record), { status: 400, words: 'Invalid request data' })).toBe(true);
    }
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { record: string }).record)).toEqual(records);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });

  test('what cannot be written is said, not thrown', () => {
    const file = path.join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const store = deadLetterFile(path.join(file, 'dead-letters', 'one.jsonl'));
    expect(store(Buffer.from('{}'), { status: 400, words: '' })).toBe(false);
  });

  test('a reason loses whatever it quotes of the record', () => {
    const prose = fc.string({ minLength: 24, maxLength: 60 });
    fc.assert(
      fc.property(fc.string(), prose, fc.string(), fc.string(), (before, quoted, after, more) => {
        const reason = withoutQuotes(`${before}${quoted}${after}`, `${more}${quoted}${before}`);
        expect(reason).not.toContain(quoted);
      }),
    );
  });

  test('and keeps its own words', () => {
    const reason = 'resourceSpans.0.scopeSpans.0.spans.0.endTimeUnixNano: Invalid input: expected string';
    expect(withoutQuotes(reason, spanRecord('0000000000000001'))).toBe(reason);
  });

  test.each(['x', 'y'])('is quick even for a record of 1 MB of %s', (character) => {
    const start = performance.now();
    withoutQuotes('x'.repeat(500), character.repeat(1_000_000));
    expect(performance.now() - start).toBeLessThan(500);
  });
});
