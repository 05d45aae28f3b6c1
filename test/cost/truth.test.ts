import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { priceUsage, type UsageBuckets, type UsageQuery } from '../../src/cost/index.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { defined } from '../../src/util/json-read.ts';

const folder = path.resolve(import.meta.dirname, '../../../shared/truth');

interface Bill {
  id: string;
  provider: string;
  model: string;
  usage_format: string;
  usage?: JsonObject;
  usage_details?: UsageBuckets;
  when?: string;
  expected_usd: number;
}

interface TrickyCase {
  id: string;
  provider: string;
  model: string;
  when: string;
  body: JsonObject;
  expected: number;
}

function load<T>(file: string): T[] {
  const name = path.join(folder, file);
  return existsSync(name) ? (JSON.parse(readFileSync(name, 'utf8')) as T[]) : [];
}

/** Cases without a time are about the prices of when they were collected. */
const COLLECTED = '2026-11-21T12:00:00Z';

function usd(query: UsageQuery): number {
  const answer = priceUsage(query);
  if (answer.usd === undefined) throw new Error(answer.unpriced.message);
  return answer.usd;
}

describe.skipIf(!existsSync(folder))('known bills (skipped where ../shared is absent)', () => {
  const bills = load<Bill>('bills.json');

  test.each(bills.map((bill) => [bill.id, bill] as const))('%s', (_, bill) => {
    const { provider, model, usage, usage_details, usage_format, when = COLLECTED, expected_usd } = bill;
    const used = usage_details ? { usageDetails: usage_details } : defined({ usage, usageFormat: usage_format });
    expect(usd({ provider, model, when: new Date(when), ...used })).toBeCloseTo(expected_usd, 12);
  });
});

describe.skipIf(!existsSync(folder))('tricky responses (skipped where ../shared is absent)', () => {
  const cases = load<TrickyCase>('tricky.json');

  test.each(cases.map((one) => [one.id, one] as const))('%s', (_, { provider, model, when, body, expected }) => {
    expect(usd({ provider, model, when: new Date(when), body })).toBeCloseTo(expected, 12);
  });
});
