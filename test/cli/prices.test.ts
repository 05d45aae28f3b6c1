import { expect, test } from 'vitest';
import { CATALOG_VERSION } from '../../src/cost/index.ts';
import { otelLangfuse } from './otel-langfuse.ts';

test('one model: what applies now, by size of the prompt and by kind of call', async () => {
  const { code, stdout } = await otelLangfuse(['prices', 'gemini-2.5-pro', '--provider', 'google']);
  expect(code).toBe(0);
  expect(stdout).toContain(`gemini-2.5-pro of google\nsource: ${CATALOG_VERSION}`);
  expect(stdout).toMatch(/^input +1\.25 +a million tokens$/m);
  expect(stdout).toMatch(/^input +2\.5 +a million tokens +200,000$/m);
  expect(stdout).toMatch(/^serviceTier on_demand_flex, flex, batch +× 0\.5 +https:/m);
});

test('prices that began at a date say which', async () => {
  const { stdout } = await otelLangfuse(['prices', 'o3', '--provider', 'openai']);
  expect(stdout).toContain('o3 of openai, since 2025-06-10');
});

test('--json has every provider that sells it', async () => {
  const { stdout } = await otelLangfuse(['prices', 'claude-sonnet-4-5', '--json']);
  const { catalog, models } = JSON.parse(stdout) as { catalog: string; models: { provider: string }[] };
  expect(catalog).toBe(CATALOG_VERSION);
  expect(models.map(({ provider }) => provider)).toEqual(expect.arrayContaining(['anthropic', 'google']));
  expect(models[0]).toMatchObject({
    provider: 'anthropic',
    model: 'claude-sonnet-4-5',
    prices: expect.arrayContaining([
      { item: 'input', per: 'a million tokens', usd: 3 },
      { item: 'input', per: 'a million tokens', usd: 6, above: 200_000 },
      { item: 'web searches', per: 'a thousand', usd: 10 },
    ]) as unknown,
  });
});

test('all models, a line each', async () => {
  const { stdout } = await otelLangfuse(['prices', '--provider', 'cohere']);
  expect(stdout).toMatch(/^\d+ models, USD for a million tokens/);
  expect(stdout).toMatch(/^command-r +cohere +0\.15 +0\.6$/m);
});

test('a model that nobody sells', async () => {
  const { code, stderr } = await otelLangfuse(['prices', 'gpt-99']);
  expect(code).toBe(1);
  expect(stderr).toContain('no price is known for gpt-99. Prices of your own: OTEL_LANGFUSE_PRICES');
});
