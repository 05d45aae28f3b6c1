import { asCount, asObjects, asString } from '../util/json-read.ts';

/** The numbers of `Modality`, for clients that ask for enums as integers (`$alt=json;enum-encoding=int`). */
const BY_NUMBER = ['MODALITY_UNSPECIFIED', 'TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT'] as const;

type ModalityCounts = Readonly<Partial<Record<(typeof BY_NUMBER)[number], number>>>;

/**
 * A breakdown of tokens by modality: a list of `{ modality, tokenCount }`, at Interactions `{ modality, tokens }`.
 * @see https://ai.google.dev/api/generate-content#ModalityTokenCount
 */
export function readModalities(details: unknown): ModalityCounts {
  const counts: Record<string, number> = {};
  for (const { modality, tokenCount, tokens } of asObjects(details)) {
    const name = asString(modality)?.toUpperCase() ?? BY_NUMBER[asCount(modality) ?? 0] ?? '';
    const count = asCount(tokenCount ?? tokens);
    if (count !== undefined) counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}
