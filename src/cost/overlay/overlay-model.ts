import type { CatalogModel, PriceSet } from '../catalog.ts';

/** A model that the catalog lacks or prices in part. */
export interface OverlayModel extends CatalogModel {
  provider: string;
  source: string;
}

/** A model with one price for all time, under the names given or its own. */
export function overlayModel(
  provider: string,
  names: string | readonly [id: string, ...others: string[]],
  prices: PriceSet,
  source: string,
): OverlayModel {
  const [id, ...others] = typeof names === 'string' ? ([names] as const) : names;
  return { provider, id, names: [id, ...others], eras: [{ prices }], source };
}
