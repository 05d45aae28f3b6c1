import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { calcPrice } from '@pydantic/genai-prices';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalog, type CatalogModel } from '../../src/cost/catalog.ts';
import { OVERLAY_MODELS, PRICE_RULES } from '../../src/cost/overlay.ts';
import { ruleCovers, ruleHolds } from '../../src/cost/price-rule.ts';
import { priceCall } from '../../src/cost/price.ts';
import { toUsd } from '../../src/model/money.ts';

const root = path.join(import.meta.dirname, '..', '..');

/** A Wednesday noon after every era of the table began but those of 2027. */
const WHEN = new Date('2026-11-18T12:00:00Z');

/** Billed by time of day and by the request: other tests look at those. */
const OTHERWISE = new Set(['deepseek', 'perplexity']);

function isOverlaid(providerId: string, model: CatalogModel): boolean {
  return OVERLAY_MODELS.some(({ provider, names }) => provider === providerId && names.includes(model.id));
}

/** A rule that holds for every call replaces prices of the source. */
function isCorrected(providerId: string, model: CatalogModel): boolean {
  return PRICE_RULES.some(
    (rule) =>
      ruleCovers(rule, providerId, model.id) &&
      rule.when === undefined &&
      Object.keys(rule.prices ?? {}).some((key) => key.endsWith('_mtok')) &&
      ruleHolds(rule, { when: WHEN }),
  );
}

function hasPrice(model: CatalogModel, key: string): boolean {
  return model.eras.some(({ prices }) => key in prices);
}

const models = [...catalog()]
  .filter(([id]) => !OTHERWISE.has(id))
  .flatMap(([id, { models: all }]) =>
    all.filter((model) => !isOverlaid(id, model) && !isCorrected(id, model)).map((model) => ({ id, model })),
  );

describe('catalog', () => {
  test('is what the dependency gives', () => {
    const check = [path.join(root, 'scripts', 'update-catalog.mjs'), '--check'];
    expect(() => execFileSync(process.execPath, check, { stdio: 'pipe' })).not.toThrow();
  });

  test('has all providers', () => {
    expect(catalog().size).toBeGreaterThan(35);
    expect(models.length).toBeGreaterThan(1200);
  });

  test('prices every model as its source does', () => {
    const count = fc.nat({ max: 400_000 });
    const counts = fc.record({ input: count, cached: count, written: count, audio: count, output: count });
    const usages = fc.sample(counts, { numRuns: 3, seed: 7 });
    const differences: string[] = [];
    for (const { id, model } of models)
      for (const usage of usages) {
        const { input } = usage;
        // What a model has no price for, it does not report.
        const cached = hasPrice(model, 'cache_read_mtok') ? usage.cached : 0;
        const written = hasPrice(model, 'cache_write_mtok') ? usage.written : 0;
        const audio = hasPrice(model, 'input_audio_mtok') ? usage.audio : 0;
        const output = hasPrice(model, 'output_mtok') ? usage.output : 0;
        const name = model.names[0] ?? model.id;
        const prompt = input + cached + written + audio;
        const theirs = calcPrice(
          {
            input_tokens: prompt,
            cache_read_tokens: cached,
            cache_write_tokens: written,
            input_audio_tokens: audio,
            cache_audio_read_tokens: 0,
            output_tokens: output,
          },
          name,
          { providerId: id, timestamp: WHEN },
        );
        const buckets = {
          input,
          input_cached_tokens: cached,
          input_cache_creation: written,
          input_audio_tokens: audio,
          output,
        };
        const pricing = priceCall({
          provider: id,
          requestModel: name,
          parts: [{ usage: { ...buckets, total: prompt + output } }],
          when: WHEN,
        });
        // Where tokens have no price at all theirs is 0 and ours is none.
        const ours = 'cost' in pricing ? toUsd(pricing.cost.total) : 0;
        if (theirs && Math.abs(ours - theirs.total_price) > 1e-9 * (1 + ours))
          differences.push(`${id} ${name}: ${ours} instead of ${theirs.total_price}`);
      }
    expect(differences).toEqual([]);
  });
});
