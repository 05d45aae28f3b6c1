import { CATALOG_JSON, CATALOG_VERSION } from './catalog-data.ts';

/**
 * What a price is for and in which unit. `_mtok`: USD per million tokens. `_kcount`: USD per thousand calls. Others,
 * such as hours of audio or pages, belong to APIs that do not bill tokens.
 */
export type PriceKey = string;

/** USD, flat or by the size of the whole prompt: the last tier whose `above` is less than the prompt's tokens. */
export type Price = number | { base: number; tiers: readonly { above: number; price: number }[] };

export type PriceSet = Readonly<Record<PriceKey, Price>>;

/** Prices that hold from a date on, or at an hour of every day (UTC, `HH:MM`, may pass midnight). */
interface PriceEra {
  from?: string;
  hours?: readonly [start: string, end: string];
  prices: PriceSet;
}

export type NamePattern =
  | { starts_with: string }
  | { ends_with: string }
  | { contains: string }
  | { equals: string }
  | { regex: string }
  | { and: readonly NamePattern[] }
  | { or: readonly NamePattern[] };

export interface CatalogModel {
  id: string;
  /** Names of the model, lower case. */
  names: readonly string[];
  patterns?: readonly NamePattern[];
  /** The last one that holds at the time of the call is the one that applies. No prices in it: the model is free. */
  eras: readonly PriceEra[];
}

export interface CatalogProvider {
  id: string;
  /** Regular expression for the beginning of the provider's API addresses. */
  url: string;
  /** Names that are certainly this provider's models, whoever serves them. */
  claims?: NamePattern;
  /** Providers whose models it sells at their prices. */
  alsoSells?: readonly string[];
  models: readonly CatalogModel[];
}

type Providers = ReadonlyMap<string, CatalogProvider>;

/** Providers whose prices are newer than the built-in ones, and where those are from. */
interface Renewal {
  version: string;
  ids: ReadonlySet<string>;
}

let providers: Providers | undefined;
let renewal: Renewal | undefined;

/** The price table by provider. Parsed at the first call, about 3 ms. */
export function catalog(): Providers {
  return (providers ??= byId(JSON.parse(CATALOG_JSON) as CatalogProvider[]));
}

/** The table that the prices of a provider are from. */
export function catalogVersion(provider: string): string {
  return renewal?.ids.has(provider) ? renewal.version : CATALOG_VERSION;
}

/** From now on these providers are in the place of the built-in ones of the same id; the others stay. */
export function renewCatalog(version: string, renewed: readonly CatalogProvider[]): void {
  const newer = byId(renewed);
  providers = new Map([...byId(JSON.parse(CATALOG_JSON) as CatalogProvider[]), ...newer]);
  renewal = { version, ids: new Set(newer.keys()) };
}

function byId(list: readonly CatalogProvider[]): Providers {
  return new Map(list.map((provider) => [provider.id, provider]));
}

/** Keeps what is worked out from the catalog until the catalog is renewed. */
export function perCatalog<T>(derive: (from: Providers) => T): () => T {
  let kept: { from: Providers; value: T } | undefined;
  return () => {
    const from = catalog();
    if (kept?.from !== from) kept = { from, value: derive(from) };
    return kept.value;
  };
}
