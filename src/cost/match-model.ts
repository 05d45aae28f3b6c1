import { type CatalogModel, type CatalogProvider, type NamePattern, catalog } from './catalog.ts';
import { OVERLAY_MODELS } from './overlay-models.ts';
import { findProvider } from './provider.ts';

export interface MatchedModel {
  /** The provider whose price applies: the vendor of the model where the caller's provider sells at its prices. */
  provider: string;
  model: CatalogModel;
  /** What had to be taken for granted to find it. */
  assumption?: string;
}

/**
 * Finds the priced model that a name means. Accepts snapshots (`-2024-08-06`, `-20250929`, `@20250929`), `-latest`,
 * provider prefixes (`openai/`, `models/`), Bedrock profiles and ARNs, and fine-tuned models (`ft:base:org::id`).
 * A name that merely resembles a known one matches nothing: no price is better than a wrong one.
 */
export function matchModel(provider: string | undefined, name: string): MatchedModel | undefined {
  const stated = provider === undefined ? undefined : findProvider(provider);
  for (const candidate of spellings(name)) {
    const prefix = /^([^/]+)\/./.exec(candidate)?.[1];
    const prefixed = prefix === undefined ? undefined : findProvider(prefix);
    const bare = candidate.slice((prefix?.length ?? -1) + 1);
    const found =
      (stated && (findIn(stated, candidate) ?? findIn(stated, bare))) ?? (prefixed && findIn(prefixed, bare));
    if (found) return withAssumption(found, stated ?? prefixed, provider);
    if (stated !== undefined) continue;
    const vendor = [...catalog().values()].find(({ claims }) => claims && holds(claims, bare));
    const claimed = vendor && findIn(vendor.id, bare);
    if (claimed) return withAssumption(claimed, undefined, provider);
  }
  return undefined;
}

function withAssumption(found: MatchedModel, expected: string | undefined, provider: string | undefined): MatchedModel {
  if (found.provider === expected) return found;
  return { ...found, assumption: `provider ${provider ?? 'unknown'}: list price of ${found.provider}` };
}

/** The name as it is, then with less and less around it: the first one that has a price is the most specific. */
function spellings(name: string): string[] {
  const lower = name.trim().toLowerCase();
  // An ARN names the model after its last slash; so do Vertex and Gemini resource names.
  const resource = lower.startsWith('arn:') ? lower.slice(lower.lastIndexOf('/') + 1) : lower;
  const plain = resource.replace(/^(?:projects\/.*)?(?:publishers\/[^/]+\/)?models\//, '');
  // ft:<base>:<organisation>:<suffix>:<id>, where only the base decides about the price
  const base = plain.startsWith('ft:') ? plain.split(':').slice(0, 2).join(':') : plain;
  const undated = base.replace(/[-@](?:\d{4}-\d{2}-\d{2}|20\d{6})(?=$|-v\d)/, '');
  const versionless = undated.replace(/(?:-latest|@latest|@default)$/, '');
  return [...new Set([lower, plain, base, undated, versionless])];
}

const models = new Map<string, { byName: Map<string, CatalogModel>; all: readonly CatalogModel[] }>();

function modelsOf(provider: CatalogProvider): { byName: Map<string, CatalogModel>; all: readonly CatalogModel[] } {
  let index = models.get(provider.id);
  if (!index) {
    const all = [...OVERLAY_MODELS.filter((model) => model.provider === provider.id), ...provider.models];
    const byName = new Map<string, CatalogModel>();
    for (const model of all) for (const key of model.names) if (!byName.has(key)) byName.set(key, model);
    index = { byName, all };
    models.set(provider.id, index);
  }
  return index;
}

function findIn(providerId: string, name: string): MatchedModel | undefined {
  const provider = catalog().get(providerId);
  if (!provider) return undefined;
  const { byName, all } = modelsOf(provider);
  const model = byName.get(name) ?? all.find(({ patterns = [] }) => patterns.some((pattern) => means(pattern, name)));
  if (model) return { provider: providerId, model };
  for (const other of provider.alsoSells ?? []) {
    const found = findIn(other, name);
    if (found) return found;
  }
  return undefined;
}

/** Whether a pattern that names a family holds for exactly this model: the rest of the name may only be a version. */
function means(pattern: NamePattern, name: string): boolean {
  if ('and' in pattern) return pattern.and.every((part) => means(part, name));
  if ('or' in pattern) return pattern.or.some((part) => means(part, name));
  if ('regex' in pattern) return holds(pattern, name);
  const text = literalOf(pattern);
  const start = name.indexOf(text);
  if (!holds(pattern, name) || start < 0) return false;
  return isOrigin(name.slice(0, start)) && isVersion(name.slice(start + text.length), text);
}

/** Path, region and vendor before a model name: `us.anthropic.`, `publishers/google/models/`. */
function isOrigin(text: string): boolean {
  return /^(?:[a-z0-9_-]+[./])*$/.test(text);
}

const VERSION = String.raw`latest|preview|exp|default|\d{8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}|\d{3,4}|v\d+(?:[.:]\d+)*(?::\d+k)?`;
const VERSIONS = new RegExp(`^(?:[-@:.](?:${VERSION}))*$`);
const VERSIONS_AT_ONCE = new RegExp(`^(?:${VERSION})(?:[-@:.](?:${VERSION}))*$`);

/** Snapshot, date, Bedrock version or channel after a model name; anything else makes it another model. */
function isVersion(text: string, before: string): boolean {
  if (text.startsWith('@')) return true; // Vertex: what follows is always a version
  if (VERSIONS.test(text)) return true;
  if (/[-@]$/.test(before)) return VERSIONS_AT_ONCE.test(text);
  // A pattern cut within a number: `claude-sonnet-4-2025` of a date, `-v0` of `-v0:2`.
  return /-v?\d+$/.test(before) && /^(?:\d{2,4}|:\d+)$/.test(text);
}

/** The text that a pattern of one literal looks for. */
function literalOf(pattern: Exclude<NamePattern, { regex: string } | { and: unknown } | { or: unknown }>): string {
  if ('equals' in pattern) return pattern.equals.toLowerCase();
  if ('starts_with' in pattern) return pattern.starts_with.toLowerCase();
  return ('ends_with' in pattern ? pattern.ends_with : pattern.contains).toLowerCase();
}

function holds(pattern: NamePattern, name: string): boolean {
  if ('and' in pattern) return pattern.and.every((part) => holds(part, name));
  if ('or' in pattern) return pattern.or.some((part) => holds(part, name));
  if ('equals' in pattern) return name === pattern.equals.toLowerCase();
  if ('starts_with' in pattern) return name.startsWith(pattern.starts_with.toLowerCase());
  if ('ends_with' in pattern) return name.endsWith(pattern.ends_with.toLowerCase());
  if ('contains' in pattern) return name.includes(pattern.contains.toLowerCase());
  return new RegExp(pattern.regex).test(name);
}
