import type { MessagePart } from '../../model/message.ts';
import { modalityOf } from '../../util/media.ts';

/** Bytes of a second of audio, by the media type or name that providers give the format. */
const BYTES_PER_SECOND: ReadonlyMap<string, number> = new Map([
  // 16-bit samples, 24 kHz where nothing else is said.
  ['audio/pcm', 2 * 24_000],
  ['pcm16', 2 * 24_000],
  ['audio/pcmu', 8_000],
  ['audio/pcma', 8_000],
  ['g711_ulaw', 8_000],
  ['g711_alaw', 8_000],
]);

/** Of audio, or another medium, that comes in pieces. */
export interface MediaFormat {
  /** `audio/pcm`, `audio/pcmu`, `pcm16`, ... */
  name: string;
  /** Samples a second. */
  rate?: number;
}

/** Media as a part without their bytes: type, size and, where the format tells, length. */
export function streamedPart(bytes: number, { name, rate }: MediaFormat): MessagePart {
  const perSecond = name === 'audio/pcm' && rate !== undefined ? 2 * rate : BYTES_PER_SECOND.get(name);
  const length = perSecond === undefined ? '' : `, ${(bytes / perSecond).toFixed(1)} s`;
  const isType = name.includes('/');
  return {
    type: 'blob',
    modality: isType ? modalityOf(name) : 'audio',
    ...(isType && { mime_type: name }),
    content: `[${name}, ${bytes} bytes${length}]`,
  };
}

/** Bytes that base64 text stands for. */
export function base64Bytes(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text, 'base64');
}
