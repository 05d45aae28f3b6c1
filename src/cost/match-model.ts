import { defined } from '../util/json-read.ts';
import { type CatalogModel, type CatalogProvider, type PriceSet, catalog, perCatalog } from './catalog.ts';
import { means } from './name-pattern.ts';
import { OVERLAY_MODELS } from './overlay.ts';
import { findClosedVendor, findCloud, findProvider, findVendor } from './provider.ts';

export interface MatchedModel {
  /** The provider whose price applies: the vendor of the model where the caller's provider sells at its prices. */
  provider: string;
  model: CatalogModel;
  /** Prices of the user in place of the model's. */
  overrides?: PriceSet;
  /** What had to be taken for granted to find it. */
  assumption?: string;
}

/** Names are few and repeat; above this many distinct ones, forget them all. */
const MAX_REMEMBERED = 1000;
const matches = perCatalog(() => new Map<string, MatchedModel | undefined>());

/**
 * Finds the priced model that a name means. Accepts snapshots (`-2024-08-06`, `-20250929`, `@20250929`), `-latest`,
 * provider prefixes (`openai/`, `models/`), Bedrock profiles and ARNs, routes of OpenRouter (`:nitro`), and fine-tuned
 * models (`ft:base:org::id`).
 * A name that merely resembles a known one matches nothing: no price is better than a wrong one.
 */
export function matchModel(provider: string | undefined, name: string): MatchedModel | undefined {
  const remembered = matches();
  const key = `${provider ?? ''}\n${name}`;
  if (!remembered.has(key)) {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, search(provider, name));
  }
  return remembered.get(key);
}

function search(provider: string | undefined, name: string): MatchedModel | undefined {
  const stated = provider === undefined ? undefined : findProvider(provider);
  const { exact, general } = spellings(name);
  for (const spelling of [...exact, ...general]) {
    const found = findAtSellers(provider, stated, spelling);
    if (!found) continue;
    const assumption = general.includes(spelling)
      ? `${name} is not listed by itself: price of ${found.model.id}`
      : found.assumption;
    return { ...found, ...defined({ assumption }) };
  }
  return findFreeVariant(stated, exact[0] ?? '');
}

/** Looks at the provider that was stated or that the name begins with, then at the vendor the name gives away. */
function findAtSellers(
  provider: string | undefined,
  stated: string | undefined,
  name: string,
): MatchedModel | undefined {
  const slash = name.indexOf('/');
  const bare = name.slice(slash + 1);
  const prefix = slash > 0 ? findProvider(name.slice(0, slash)) : undefined;
  if (stated !== undefined) {
    const found = findIn(stated, name) ?? findIn(stated, bare);
    if (found) return found;
  } else if (prefix !== undefined) return findIn(prefix, bare);

  const cloud = findCloud(name);
  if (cloud) return listPrice(provider, findIn(cloud, name));
  // A provider with prices of its own resells another's model only under that one's name.
  const isResold = stated === undefined || prefix !== undefined;
  const vendor = findCloud(bare) ?? (provider === undefined ? findVendor(bare) : isResold && findClosedVendor(bare));
  return vendor ? listPrice(provider, findIn(vendor, bare)) : undefined;
}

function listPrice(provider: string | undefined, found: MatchedModel | undefined): MatchedModel | undefined {
  return found && { ...found, assumption: `provider ${provider ?? 'not stated'}: list price of ${found.provider}` };
}

/** The variants of models that OpenRouter offers for nothing, listed or not. */
function findFreeVariant(stated: string | undefined, name: string): MatchedModel | undefined {
  const isOffered = name.endsWith(':free') && (stated === 'openrouter' || name.startsWith('openrouter/'));
  return isOffered ? { provider: 'openrouter', model: { id: name, names: [], eras: [{ prices: {} }] } } : undefined;
}

/** The name as it is, then with less and less around it: the first one that has a price is the most specific. */
function spellings(name: string): { exact: string[]; general: string[] } {
  const lower = name.trim().toLowerCase();
  // An ARN names the model after its last slash; Vertex and Gemini have it after `models/`.
  const resource = lower.startsWith('arn:') ? lower.slice(lower.lastIndexOf('/') + 1) : lower;
  const plain = resource
    .replace(/^(?:projects\/.*)?(?:publishers\/[^/]+\/)?models\//, '')
    .replace(/^bedrock\/(?:converse|invoke)\//, 'bedrock/')
    .replace(/^((?:azure\/)?gpt)-35-/, '$1-3.5-'); // deployments of Azure cannot have a dot in their name
  // ft:<base>:<organisation>:<suffix>:<id>, where only the base decides about the price
  const base = plain.startsWith('ft:') ? plain.split(':').slice(0, 2).join(':') : plain;
  // How OpenRouter chooses among those who serve the model.
  const unrouted = base.replace(/:(?:nitro|floor|exacto)$/, '');
  const undated = unrouted.replace(/[-@](?:\d{4}-\d{2}-\d{2}|20\d{6}|00\d)$/, '');
  // `gemini-pro-latest` is whatever is the latest, not `gemini-pro`.
  const isOfVersion = /\d/.test(undated);
  const unversioned = isOfVersion ? undated.replace(/(?:-latest|@latest|@default)$/, '') : undated;
  const exact = [...new Set([lower, plain, base])].filter((text) => text !== '');
  return {
    exact,
    general: [...new Set([unrouted, undated, unversioned])].filter((text) => !exact.includes(text)),
  };
}

/** Every way to say the name, lower case. */
export function spellingsOf(name: string): string[] {
  const { exact, general } = spellings(name);
  return [...exact, ...general];
}

interface ModelIndex {
  byName: ReadonlyMap<string, CatalogModel>;
  all: readonly CatalogModel[];
}

const indexes = new WeakMap<CatalogProvider, ModelIndex>();

function indexOf(provider: CatalogProvider): ModelIndex {
  let index = indexes.get(provider);
  if (!index) {
    const all = [...OVERLAY_MODELS.filter((model) => model.provider === provider.id), ...provider.models];
    const byName = new Map<string, CatalogModel>();
    const add = (name: string, model: CatalogModel): void => void (byName.has(name) || byName.set(name, model));
    for (const model of all) for (const name of model.names) add(name, model);
    for (const model of all) add(model.id.toLowerCase(), model);
    index = { byName, all };
    indexes.set(provider, index);
  }
  return index;
}

/** @param asked those it was looked for at: a table may say of two that each sells what the other does. */
function findIn(providerId: string, name: string, asked: readonly string[] = []): MatchedModel | undefined {
  const provider = catalog().get(providerId);
  if (!provider) return undefined;
  const { byName, all } = indexOf(provider);
  const model = byName.get(name) ?? all.find(({ patterns = [] }) => patterns.some((pattern) => means(pattern, name)));
  if (model) return { provider: providerId, model };
  for (const other of provider.alsoSells ?? []) {
    const found = asked.includes(other) ? undefined : findIn(other, name, [...asked, providerId]);
    if (found) return found;
  }
  return undefined;
}
