import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asObject, defined } from '../util/json-read.ts';
import { countsAboveZero } from './usage-details.ts';
import type { UsageFormat } from './usage-format.ts';

/** Billed units that are no tokens. */
const UNITS = ['search_units', 'images', 'classifications', 'pages'] as const;

/**
 * Cohere's `usage`, and the `meta` of its other APIs. The bill is `billed_units`; `tokens`, which include the tokens of
 * Cohere's own prompt, and `cached_tokens`, a part of those, are for information. Only a deployment that bills nobody
 * leaves `billed_units` out.
 * @see https://docs.cohere.com/docs/how-does-cohere-pricing-work
 */
export const cohereUsage: UsageFormat = {
  id: 'cohere',
  read(usage: JsonObject): ReportedUsage {
    const counts: JsonObject = asObject(usage.billed_units) ?? asObject(usage.tokens) ?? {};
    const text = asCount(counts.input_tokens);
    const image = asCount(counts.image_tokens);
    return {
      ...defined({
        // Tokens of images stand beside those of text.
        input: image === undefined ? text : image + (text ?? 0),
        inputImage: image,
        output: asCount(counts.output_tokens),
        units: countsAboveZero(UNITS.map((name) => [name, counts[name]])),
      }),
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
    };
  },
};
