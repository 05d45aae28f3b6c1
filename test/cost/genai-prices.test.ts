import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { catalog, catalogVersion, renewCatalog } from '../../src/cost/catalog.ts';
import { PriceTableError, readGenaiPrices } from '../../src/cost/genai-prices.ts';
import { CATALOG_VERSION, calculateCost } from '../../src/cost/index.ts';
import type { Json } from '../../src/model/json.ts';

function table(model: Record<string, Json>, provider: Record<string, Json> = {}): Json {
  const models = [{ id: 'new-1', match: { equals: 'New-1' }, prices: { input_mtok: 1 }, ...model }];
  return [{ id: 'acme', name: 'Acme', api_pattern: 'https://api\\.acme\\.example', models, ...provider }];
}

const PUBLISHED = path.resolve(
  import.meta.dirname,
  '../../../shared/reference',
  `${CATALOG_VERSION.replace(' ', '-')}.json.gz`,
);

describe('readGenaiPrices', () => {
  test.skipIf(!existsSync(PUBLISHED))(
    'reads each provider that is published as the built-in table has it (skipped without it)',
    () => {
      const published = JSON.parse(gunzipSync(readFileSync(PUBLISHED)).toString('utf8')) as Json;
      const read = readGenaiPrices(published);
      expect(read.length).toBeGreaterThan(30);
      for (const provider of read) expect(catalog().get(provider.id)).toEqual(provider);
    },
  );

  test('reads prices, tiers, eras and hours as they are published', () => {
    const tiered = { base: 3, tiers: [{ start: 200_000, price: 6 }] };
    const prices = [
      { prices: { input_mtok: tiered } },
      { constraint: { start_date: '2026-03-13' }, prices: { input_mtok: 3 } },
      { constraint: { start_time: '00:30:00Z', end_time: '16:30:00Z' }, prices: { input_mtok: 2 } },
    ];
    const match = { or: [{ equals: 'New-1' }, { starts_with: 'new-1-' }] };
    expect(readGenaiPrices(table({ match, prices, context_window: 8000, deprecated: true }))).toEqual([
      {
        id: 'acme',
        url: 'https://api\\.acme\\.example',
        models: [
          {
            id: 'new-1',
            names: ['new-1'],
            patterns: [{ starts_with: 'new-1-' }],
            eras: [
              { prices: { input_mtok: { base: 3, tiers: [{ above: 200_000, price: 6 }] } } },
              { from: '2026-03-13', prices: { input_mtok: 3 } },
              { hours: ['00:30', '16:30'], prices: { input_mtok: 2 } },
            ],
          },
        ],
      },
    ]);
  });

  test.each<[Json, string]>([
    [{}, 'a list of providers is expected'],
    [[], 'a list of providers is expected'],
    [[7], 'providers: an object is expected'],
    [[{ api_pattern: 'x' }], 'providers: `id` is missing'],
    [table({}, { api_pattern: '(' }), 'acme: `api_pattern` is not a regular expression'],
    [table({}, { api_pattern: '(?i)x' }), 'acme: `api_pattern` is not a regular expression'],
    [table({}, { models: 7 }), 'acme: `models` is not a list'],
    [table({ match: { sounds_like: 'x' } }), 'acme new-1: the match `sounds_like` is not known'],
    [table({ match: { contains: '' } }), 'acme new-1: `contains` is not a text'],
    [table({ prices: null }), 'acme new-1: `prices` is missing'],
    [table({ prices: { input_mtok: -1 } }), 'acme new-1: `input_mtok` is not an amount of 0 or more'],
    [table({ prices: { input_mtok: '1' } }), 'acme new-1: `input_mtok` is not an amount of 0 or more'],
    [table({ prices: { input_mtok: null } }), 'acme new-1: `input_mtok` is missing'],
    [table({ prices: { input_mtok: { tiers: [] } } }), 'acme new-1: `base` is missing'],
    [table({ prices: [{ constraint: { start_date: 'soon' }, prices: {} }] }), 'acme new-1: `start_date` is not a day'],
    [table({ prices: [{ constraint: { weekday: 1 }, prices: {} }] }), 'acme new-1: `weekday` is not known'],
  ])('%j is refused', (json, message) => {
    expect(() => readGenaiPrices(json)).toThrow(PriceTableError);
    expect(() => readGenaiPrices(json)).toThrow(message);
  });
});

describe('a catalog that is renewed', () => {
  const query = { model: 'new-1', usage: { input: 1_000_000 } };

  test('prices what it has, at once, and leaves the rest as it is', () => {
    expect(calculateCost({ ...query, provider: 'acme' }).usd).toBeUndefined();
    renewCatalog('prices 2', readGenaiPrices(table({})));
    expect(calculateCost({ ...query, provider: 'acme' })).toMatchObject({ usd: 1, catalogVersion: 'prices 2' });
    renewCatalog('prices 3', readGenaiPrices(table({ prices: { input_mtok: 2 } })));
    expect(calculateCost({ ...query, provider: 'acme' })).toMatchObject({ usd: 2, catalogVersion: 'prices 3' });
    const known = { provider: 'openai', model: 'gpt-4o', usage: { input: 1_000_000 } };
    expect(calculateCost(known)).toMatchObject({ usd: 2.5, catalogVersion: CATALOG_VERSION });
  });

  test('is no longer in force for a provider that the next one lacks', () => {
    renewCatalog('prices 4', readGenaiPrices(table({}, { id: 'openai' })));
    expect(catalogVersion('openai')).toBe('prices 4');
    renewCatalog('prices 5', readGenaiPrices(table({})));
    expect(catalogVersion('openai')).toBe(CATALOG_VERSION);
    expect(calculateCost({ provider: 'openai', ...query }).usd).toBeUndefined();
  });

  test('may have providers that sell what the other does', () => {
    const [one] = table({}, { fallback_model_providers: ['other'] }) as [Json];
    const [other] = table({}, { id: 'other', models: [], fallback_model_providers: ['acme'] }) as [Json];
    renewCatalog('prices 6', readGenaiPrices([one, other]));
    expect(calculateCost({ ...query, provider: 'other' }).usd).toBe(1);
    expect(calculateCost({ ...query, provider: 'other', model: 'unheard-of' }).usd).toBeUndefined();
  });
});
