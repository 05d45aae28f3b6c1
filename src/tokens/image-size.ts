import type { ImageSize } from './image-tokens.ts';

/** Bytes in which the size is looked for: that of a JPEG comes after its metadata. */
const HEAD_BYTES = 96 * 1024;

/** The size of an inline image, from the head of its file; `undefined` for an address or an unknown format. */
export function imageSizeOf(url: string): ImageSize | undefined {
  const start = url.startsWith('data:') ? url.indexOf(';base64,') : -1;
  if (start === -1) return undefined;
  const from = start + ';base64,'.length;
  const bytes = Buffer.from(url.slice(from, from + Math.ceil((HEAD_BYTES * 4) / 3)), 'base64');
  try {
    return FORMATS.find(({ recognises }) => recognises(bytes))?.read(bytes);
  } catch {
    // The head ends before the size.
    return undefined;
  }
}

interface Format {
  recognises(bytes: Buffer): boolean;
  read(bytes: Buffer): ImageSize | undefined;
}

const startsWith =
  (text: string, offset = 0) =>
  (bytes: Buffer): boolean =>
    bytes.toString('latin1', offset, offset + text.length) === text;

const FORMATS: readonly Format[] = [
  {
    recognises: startsWith('\x89PNG'),
    read: (bytes) => ({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }),
  },
  {
    recognises: startsWith('GIF8'),
    read: (bytes) => ({ width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
  },
  { recognises: startsWith('\xff\xd8'), read: readJpeg },
  { recognises: startsWith('WEBP', 8), read: readWebp },
];

/** Walks the segments to the frame header. */
function readJpeg(bytes: Buffer): ImageSize | undefined {
  let position = 2;
  while (position + 9 < bytes.length) {
    const marker = bytes.readUInt8(position + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: bytes.readUInt16BE(position + 5), width: bytes.readUInt16BE(position + 7) };
    position += 2 + bytes.readUInt16BE(position + 2);
  }
  return undefined;
}

/** Lossy, lossless and extended files keep it in different places. */
function readWebp(bytes: Buffer): ImageSize | undefined {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}
