import { CatalogRefresh, type PriceSource } from './catalog-refresh.ts';

const running = new Map<string, { refresh: CatalogRefresh; users: number }>();

/**
 * Keeps the built-in prices up to date from this source: once, however many processors and exporters ask for it.
 * @returns what lets go of it; the last one to do so stops it.
 */
export function leaseRefresh(source: PriceSource): () => void {
  const shared = running.get(source.url) ?? { refresh: new CatalogRefresh(source), users: 0 };
  running.set(source.url, shared);
  shared.users++;
  return () => {
    if (--shared.users > 0) return;
    running.delete(source.url);
    shared.refresh.stop();
  };
}
