import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** Decompressed size above which we stop: a body that unpacks to more is not an LLM response. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

// A flush that tolerates a missing end: a response cut on the way still shows what had arrived.
const zlibOptions = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_OUTPUT_BYTES };
const brotliOptions = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: MAX_OUTPUT_BYTES };

const DECODERS: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: (bytes) => gunzipSync(bytes, zlibOptions),
  'x-gzip': (bytes) => gunzipSync(bytes, zlibOptions),
  // Servers send both zlib-wrapped (RFC 9110) and raw deflate under this name.
  deflate: (bytes) =>
    ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, zlibOptions) : inflateRawSync(bytes, zlibOptions),
  br: (bytes) => brotliDecompressSync(bytes, brotliOptions),
};

/**
 * Undoes a `Content-Encoding` (RFC 9110 section 8.4), innermost last.
 * @returns `undefined` for an unknown encoding or damaged data.
 */
export function decompress(bytes: Uint8Array, contentEncoding: string | undefined): Uint8Array | undefined {
  const encodings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name && name !== 'identity');
  try {
    let result = bytes;
    for (const encoding of encodings.toReversed()) {
      const decode = DECODERS[encoding];
      if (!decode) return undefined;
      result = decode(result);
    }
    return result;
  } catch {
    return undefined;
  }
}
