/** A value in an object or a list, beside its text. */
const VALUE_BYTES = 50;

/** About how much memory a value takes, as deep as the decoders let one be. Text counts as one byte a character. */
export function sizeOfValue(value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + value.length;
  if (value instanceof Uint8Array) return VALUE_BYTES + value.byteLength;
  if (typeof value !== 'object' || value === null) return VALUE_BYTES;
  let bytes = VALUE_BYTES;
  for (const [key, item] of Object.entries(value)) bytes += key.length + sizeOfValue(item);
  return bytes;
}
