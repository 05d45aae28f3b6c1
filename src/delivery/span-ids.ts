/** The trace id as 32 hexadecimal digits; `undefined` if it is none. */
export function traceIdOf(id: unknown): string | undefined {
  return idOf(id, 16);
}

/** The span id as 16 hexadecimal digits; `undefined` if it is none. */
export function spanIdOf(id: unknown): string | undefined {
  return idOf(id, 8);
}

/**
 * OTLP JSON has ids in hexadecimal. The plain JSON mapping of protobuf has them in base64, and some pass them as bytes;
 * so much room is in neither of the texts that one could be mistaken for the other.
 */
function idOf(id: unknown, bytes: number): string | undefined {
  const hex =
    id instanceof Uint8Array ? Buffer.from(id).toString('hex') : typeof id === 'string' ? toHex(id, bytes) : '';
  return hex.length === bytes * 2 && /[^0]/.test(hex) ? hex : undefined;
}

function toHex(text: string, bytes: number): string {
  if (text.length === bytes * 2) return /^[0-9a-f]+$/i.test(text) ? text.toLowerCase() : '';
  return /^[A-Za-z0-9+/_-]+=*$/.test(text) ? Buffer.from(text, 'base64').toString('hex') : '';
}
