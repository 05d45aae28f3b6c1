import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PriceInput, priceCall } from '../../src/cost/price.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { toUsd } from '../../src/model/money.ts';
import type { UsageDetails } from '../../src/model/usage.ts';
import { readUsage } from '../../src/provider-usage/formats.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { asObject, asString, defined } from '../../src/util/json-read.ts';

const folder = path.resolve(import.meta.dirname, '../../../shared/truth');

interface Bill {
  id: string;
  provider: string;
  model: string;
  usage_format: string;
  usage?: JsonObject;
  usage_details?: Omit<UsageDetails, 'total'>;
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

/** The formats of the bills, and which of ours reads them. */
const FORMATS: Record<string, string> = {
  'anthropic.messages': 'anthropic.messages',
  'openrouter.chat': 'openai.chat',
  'openrouter.responses': 'openai.responses',
  'xai.chat': 'openai.chat',
  'xai.responses': 'openai.responses',
  'perplexity.chat': 'openai.chat',
};

/** What reads the tricky responses. Bedrock Converse has no reader here. */
const FORMAT_OF_PROVIDER: Record<string, string> = {
  anthropic: 'anthropic.messages',
  openai: 'openai.chat',
  openrouter: 'openai.chat',
  'x-ai': 'openai.chat',
  deepseek: 'openai.chat',
  perplexity: 'openai.chat',
  google: 'google.generate_content',
  cohere: 'cohere',
};

function load<T>(file: string): T[] {
  const name = path.join(folder, file);
  return existsSync(name) ? (JSON.parse(readFileSync(name, 'utf8')) as T[]) : [];
}

/** Cases without a time are about the prices of when they were collected. */
const COLLECTED = '2026-11-21T12:00:00Z';

function priceOf(input: Omit<PriceInput, 'parts'>, format: string, usage: JsonObject, serviceTier?: string): number {
  const reading = readUsage({ format, body: usage });
  if (!reading) throw new Error(`${format} cannot be read`);
  const reported = { ...reading, ...defined({ serviceTier }) };
  return usd({ ...input, parts: toDisjointUsage(reported).parts, reported });
}

function usd(input: PriceInput): number {
  const pricing = priceCall(input);
  if ('unpriced' in pricing) throw new Error(pricing.unpriced.message);
  return toUsd(pricing.cost.total);
}

describe.skipIf(!existsSync(folder))('known bills (skipped where ../shared is absent)', () => {
  const bills = load<Bill>('bills.json');

  test.each(bills.map((bill) => [bill.id, bill] as const))('%s', (_, bill) => {
    const call = { provider: bill.provider, requestModel: bill.model, when: new Date(bill.when ?? COLLECTED) };
    const format = FORMATS[bill.usage_format];
    const amount =
      format === undefined
        ? usd({ ...call, parts: [{ usage: { ...bill.usage_details, total: 0 } }] })
        : priceOf(call, format, bill.usage ?? {});
    expect(amount).toBeCloseTo(bill.expected_usd, 12);
  });
});

describe.skipIf(!existsSync(folder))('tricky responses (skipped where ../shared is absent)', () => {
  const cases = load<TrickyCase>('tricky.json').filter(({ provider }) => provider in FORMAT_OF_PROVIDER);

  test.each(cases.map((one) => [one.id, one] as const))('%s', (_, { provider, model, when, body, expected }) => {
    const call = {
      provider,
      requestModel: model,
      ...defined({ responseModel: asString(body.model ?? body.modelVersion) }),
      when: new Date(when),
    };
    const format = FORMAT_OF_PROVIDER[provider] ?? '';
    const amount = priceOf(call, format, asObject(body.usage ?? body.usageMetadata) ?? {}, asString(body.service_tier));
    expect(amount).toBeCloseTo(expected, 12);
  });
});
