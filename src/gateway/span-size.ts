import type { ReadableSpanLike } from '../exporter/readable-span.ts';

/** Objects, names and times of a span, an attribute, or a value in a list. */
const SPAN_BYTES = 1_000;
const VALUE_BYTES = 50;

/** About how much memory a span takes, its resource left out: that is shared. Text counts as one byte a character. */
export function sizeOfSpan({
  attributes,
  events,
  links,
}: Pick<ReadableSpanLike, 'attributes' | 'events' | 'links'>): number {
  const all = [attributes, ...events.map((event) => event.attributes), ...links.map((link) => link.attributes)];
  return all.reduce((sum, values) => sum + sizeOfValue(values), SPAN_BYTES);
}

/** As deep as a request can be, which the decoders bound. */
export function sizeOfValue(value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + value.length;
  if (value instanceof Uint8Array) return VALUE_BYTES + value.byteLength;
  if (typeof value !== 'object' || value === null) return VALUE_BYTES;
  let bytes = VALUE_BYTES;
  for (const [key, item] of Object.entries(value)) bytes += key.length + sizeOfValue(item);
  return bytes;
}
