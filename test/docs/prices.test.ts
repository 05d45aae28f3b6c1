import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parsePrices } from '../../src/cost/index.ts';
import { USAGE_BUCKETS } from '../../src/cost/rates.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

describe('docs/prices.md', () => {
  test('is what the prices give', () => {
    const check = [path.join(ROOT, 'scripts', 'prices-doc.mjs'), '--check'];
    expect(() => execFileSync(process.execPath, check, { stdio: 'pipe' })).not.toThrow();
  });

  test('shows a file that can be used', () => {
    const [, example = ''] = /```json\n(.*?)```/s.exec(read('docs/prices.md')) ?? [];
    expect(parsePrices(example)).toMatchObject({ models: { length: 4 }, discounts: { length: 1 } });
  });
});

test('the schema has every bucket', () => {
  const schema = JSON.parse(read('docs/prices.schema.json')) as {
    $defs: { model: { properties: { prices: { properties: object } } } };
  };
  expect(Object.keys(schema.$defs.model.properties.prices.properties)).toEqual(USAGE_BUCKETS);
});
