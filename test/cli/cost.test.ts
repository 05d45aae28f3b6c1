import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CATALOG_VERSION } from '../../src/cost/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { otelLangfuse } from './otel-langfuse.ts';

function fileOf(content: string): string {
  const file = path.join(temporaryDirectory(), 'file.json');
  writeFileSync(file, content);
  return file;
}

async function cost(
  lines: readonly unknown[],
  { words = [], env = {} }: { words?: string[]; env?: Record<string, string> } = {},
): Promise<{ code: number | null; stderr: string; answers: Record<string, unknown>[] }> {
  const file = fileOf(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  const { code, stdout, stderr } = await otelLangfuse(['cost', file, ...words], { env });
  const answers = stdout.split('\n').filter(Boolean);
  return { code, stderr, answers: answers.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const when = '2026-11-18T12:00:00Z';

test('one answer a line, in order: a usage object, buckets and a whole response', async () => {
  const { code, answers } = await cost([
    {
      id: 1,
      provider: 'openai',
      model: 'gpt-4o',
      when,
      service_tier: 'batch',
      usage: { prompt_tokens: 1000, completion_tokens: 100 },
    },
    {
      id: 'b',
      provider: 'anthropic',
      model: 'claude-opus-4-8',
      when,
      usage_details: { input: 1000, output: 10, total: 1010 },
    },
    {
      provider: 'openai',
      when,
      body: {
        object: 'response',
        model: 'gpt-5-2025-08-07',
        service_tier: 'default',
        output: [{ type: 'web_search_call', status: 'completed', action: { type: 'search' } }],
        usage: { input_tokens: 1000, output_tokens: 100, total_tokens: 1100 },
      },
    },
  ]);
  expect(code).toBe(0);
  expect(answers).toEqual([
    {
      id: 1,
      usd: 0.00175,
      parts: [
        { item: 'input', model: 'gpt-4o', quantity: 1000, unit_usd: 0.00000125, usd: 0.00125 },
        { item: 'output', model: 'gpt-4o', quantity: 100, unit_usd: 0.000005, usd: 0.0005 },
      ],
      usage_details: { input: 1000, output: 100, total: 1100 },
      source: 'catalog',
      catalog: CATALOG_VERSION,
      assumptions: [],
    },
    expect.objectContaining({ id: 'b', usd: 0.00525 }),
    expect.objectContaining({ usd: 0.01225, assumptions: [] }),
  ]);
});

test('a bad line is answered in its place, the others too, and the exit status says so', async () => {
  const { code, answers } = await cost([
    'not json',
    '',
    { id: 'no usage', model: 'gpt-4o' },
    { id: 'a word', model: 'gpt-4o', usage_details: { input: 'many' } },
    { id: 'no bucket', model: 'gpt-4o', usage_details: { tea: 1 } },
    { id: 'no time', model: 'gpt-4o', usage_details: { input: 1 }, when: 'soon' },
    { id: 'no format', model: 'gpt-4o', usage: { input: 1 } },
    { id: 'unpriced', model: 'gpt-99', usage_details: { input: 1 } },
    { id: 'good', model: 'omni-moderation-latest', usage_details: { input: 1 } },
  ]);
  expect(code).toBe(1);
  expect(answers).toEqual([
    { error: 'this is no JSON object', line: 1 },
    { id: 'no usage', error: 'one of usage, usage details and body is needed', line: 3 },
    { id: 'a word', error: 'input is many: a count of tokens is a whole number', line: 4 },
    { id: 'no bucket', error: expect.stringContaining('tea is no bucket: write some of input,'), line: 5 },
    { id: 'no time', error: '"when" is not a time such as 2026-01-31T12:00:00Z', line: 6 },
    { id: 'no format', error: 'the shape of the usage is not known: say its format, e.g. "openai.chat"', line: 7 },
    { id: 'unpriced', usd: null, unpriced: 'no price is known for model gpt-99' },
    expect.objectContaining({ id: 'good', usd: 0 }),
  ]);
});

const PRICES = JSON.stringify({ models: [{ model: 'gpt-4o', prices: { input: 1 } }] });
const CALL = { provider: 'openai', model: 'gpt-4o', usage_details: { input: 1_000_000 } };

test('prices of the user, by option or by environment', async () => {
  const file = fileOf(PRICES);
  const byOption = await cost([CALL], { words: ['--prices', file] });
  expect(byOption.answers).toEqual([expect.objectContaining({ usd: 1, source: 'user' })]);
  const byEnvironment = await cost([CALL], { env: { OTEL_LANGFUSE_PRICES: file } });
  expect(byEnvironment.answers).toEqual([expect.objectContaining({ usd: 1, source: 'user' })]);
});

test('a bad file of prices is named with its line', async () => {
  const file = fileOf('{\n"models": 7}');
  const byOption = await cost([CALL], { words: ['--prices', file] });
  expect(byOption).toMatchObject({ code: 1, answers: [] });
  expect(byOption.stderr).toContain(`${file}, line 2: \`models\` is not a list`);
  const byEnvironment = await cost([CALL], { env: { OTEL_LANGFUSE_PRICES: file } });
  expect(byEnvironment).toMatchObject({ code: 0, answers: [{ usd: 2.5, source: 'catalog' }] });
  expect(byEnvironment.stderr).toContain('line 2: `models` is not a list. Using the built-in prices.');
});

test('a file that is not there', async () => {
  const { code, stderr } = await otelLangfuse(['cost', 'nowhere.jsonl']);
  expect(code).toBe(1);
  expect(stderr).toContain('cannot read nowhere.jsonl');
});
