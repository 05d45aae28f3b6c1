// Prints where our prices and other tables disagree: LiteLLM's and genai-prices', as files of their JSON.
//   node scripts/compare-prices.mjs [--when DAY] LITELLM.json[.gz] [GENAI_PRICES.json[.gz]]
//   node scripts/compare-prices.mjs               reads them from ../shared/reference, where that is there
// Needs dist/: npm run build. Each disagreement is resolved with a source, or open, in scripts/price-differences.json.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { calculateCost } from '../dist/cost/index.js';

const root = path.join(import.meta.dirname, '..');
const reference = path.resolve(root, '../shared/reference');

/** What is compared: a million of each, and their price in LiteLLM's table. */
const BUCKETS = {
  input: 'input_cost_per_token',
  input_cached_tokens: 'cache_read_input_token_cost',
  input_cache_creation: 'cache_creation_input_token_cost',
  input_cache_creation_1h: 'cache_creation_input_token_cost_above_1hr',
  input_audio_tokens: 'input_cost_per_audio_token',
  output: 'output_cost_per_token',
  output_audio_tokens: 'output_cost_per_audio_token',
};

/** LiteLLM's providers with prices of their own that we know, by our names. */
const PROVIDERS = {
  anthropic: 'anthropic',
  openai: 'openai',
  gemini: 'google',
  'vertex_ai-language-models': 'google',
  'vertex_ai-anthropic_models': 'google',
  bedrock: 'aws',
  bedrock_converse: 'aws',
  cohere: 'cohere',
  cohere_chat: 'cohere',
  deepseek: 'deepseek',
  groq: 'groq',
  mistral: 'mistral',
  perplexity: 'perplexity',
  xai: 'x-ai',
};

function load(file) {
  const bytes = readFileSync(file);
  return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
}

/** USD for a million; few enough tokens that no long-context price applies. */
function ours(provider, model, bucket, when) {
  const answer = calculateCost({ provider, model, usage: { [bucket]: 1000 }, serviceTier: 'default', when });
  return answer.usd === undefined || answer.assumptions.length > 0
    ? undefined
    : Number((answer.usd * 1000).toPrecision(10));
}

function litellm(table, when) {
  const differences = [];
  let compared = 0;
  for (const [name, entry] of Object.entries(table)) {
    const provider = PROVIDERS[entry.litellm_provider];
    // A name with a slash is a model at a region, size or commitment.
    const model = name.replace(/^(?:gemini|vertex_ai|mistral|groq|deepseek|xai|perplexity|cohere)\//, '');
    if (provider === undefined || (model.includes('/') && provider !== 'groq')) continue;
    for (const [bucket, field] of Object.entries(BUCKETS)) {
      const theirs = typeof entry[field] === 'number' ? Number((entry[field] * 1e6).toPrecision(10)) : undefined;
      const mine = ours(provider, model, bucket, when);
      if (theirs === undefined || theirs === 0 || mine === undefined) continue;
      compared += 1;
      if (mine !== theirs) differences.push(`litellm ${provider} ${model} ${bucket}: ${mine} here, ${theirs} there`);
    }
  }
  return { compared, differences };
}

const GENAI_KEYS = {
  input_mtok: 'input',
  cache_read_mtok: 'input_cached_tokens',
  cache_write_mtok: 'input_cache_creation',
  input_audio_mtok: 'input_audio_tokens',
  output_mtok: 'output',
  output_audio_mtok: 'output_audio_tokens',
};

/** Only what has one price for all time is compared: eras are generated from the same data. */
function genaiPrices(providers, when) {
  const differences = [];
  let compared = 0;
  for (const provider of providers)
    for (const { id, match, prices } of provider.models) {
      if (Array.isArray(prices)) continue;
      const name = match.equals ?? match.or?.find((rule) => rule.equals)?.equals ?? id;
      for (const [key, bucket] of Object.entries(GENAI_KEYS)) {
        const price = prices[key];
        const theirs = typeof price === 'object' ? price?.base : price;
        const mine = ours(provider.id, name, bucket, when);
        if (theirs === undefined || mine === undefined) continue;
        compared += 1;
        if (mine !== Number(theirs.toPrecision(10)))
          differences.push(`genai-prices ${provider.id} ${name} ${bucket}: ${mine} here, ${theirs} there`);
      }
    }
  return { compared, differences };
}

function filesOfReference() {
  return existsSync(reference) ? readdirSync(reference).map((name) => path.join(reference, name)) : [];
}

const words = process.argv.slice(2);
const whenAt = words.indexOf('--when');
const [, day] = whenAt < 0 ? [] : words.splice(whenAt, 2);
const files = words.length > 0 ? words : filesOfReference();
if (files.length === 0) console.log('no tables to compare with: skipped');
const known = JSON.parse(readFileSync(path.join(import.meta.dirname, 'price-differences.json'), 'utf8'));
let open = 0;
for (const file of files) {
  const table = load(file);
  // A table is of the day in its name.
  const when = new Date(
    `${day ?? /\d{4}-\d{2}-\d{2}/.exec(path.basename(file))?.[0] ?? new Date().toISOString().slice(0, 10)}T12:00:00Z`,
  );
  const { compared, differences } = Array.isArray(table) ? genaiPrices(table, when) : litellm(table, when);
  const left = differences.filter((difference) => !known.some(({ match }) => new RegExp(match).test(difference)));
  open += left.length;
  console.log(
    `${path.basename(file)}: ${compared} prices compared, ${differences.length} differ, ${left.length} not explained`,
  );
  for (const difference of left) console.log(`  ${difference}`);
}
process.exitCode = open > 0 ? 1 : 0;
