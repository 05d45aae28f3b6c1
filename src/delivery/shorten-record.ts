import type { Json, JsonObject } from '../model/json.ts';
import { asObject, asObjects, asString, parseJson } from '../util/json-read.ts';
import { REPAIRED, repairNotice } from './otlp-json.ts';
import { cutText } from './otlp-value.ts';

/** Values up to this many characters stay whole: usage, cost, names and ids are shorter, messages are what is long. */
const WHOLE_CHARACTERS = 4096;

/**
 * The record with every long text in it cut to half, with a marker, and named in {@link REPAIRED}; `undefined` if no
 * text is long. Each call halves what remains, so a few of them end.
 */
export function shortenRecord(record: Buffer): Buffer | undefined {
  const resourceSpans = asObject(parseJson(record.toString()));
  const shortened = new Set<string>();
  if (halveTexts(resourceSpans?.['resource'])) shortened.add('resource');
  for (const { spans } of asObjects(resourceSpans?.['scopeSpans'])) {
    for (const span of asObjects(spans)) {
      const attributes = asObjects(span['attributes']);
      for (const attribute of attributes) {
        if (halveTexts(attribute)) shortened.add(asString(attribute['key']) ?? '');
      }
      for (const part of ['events', 'links']) if (halveTexts(span[part])) shortened.add(part);
      if (shortened.size > 0) span['attributes'] = withNotice(attributes, shortened);
    }
  }
  return shortened.size > 0 ? Buffer.from(JSON.stringify(resourceSpans)) : undefined;
}

/** In place; says whether there was one. */
function halveTexts(value: Json | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.filter(halveTexts).length > 0;
  const text = asString(value['stringValue']);
  if (text === undefined) return Object.values(value).filter(halveTexts).length > 0;
  if (text.length <= WHOLE_CHARACTERS) return false;
  value['stringValue'] = cutText(text, Math.max(WHOLE_CHARACTERS / 2, Math.floor(text.length / 2)));
  return true;
}

/** Adds names to the notice of repairs, which the span may have already. */
function withNotice(attributes: readonly JsonObject[], names: ReadonlySet<string>): JsonObject[] {
  const before = attributes.filter(isNotice).flatMap(({ value }) => {
    const list = asObject(asObject(value)?.['arrayValue']);
    return asObjects(list?.['values']).map((item) => asString(item['stringValue']) ?? '');
  });
  return [...attributes.filter((attribute) => !isNotice(attribute)), repairNotice(new Set([...before, ...names]))];
}

function isNotice({ key }: JsonObject): boolean {
  return key === REPAIRED;
}
