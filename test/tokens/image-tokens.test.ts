import { describe, expect, test } from 'vitest';
import { imageSizeOf } from '../../src/tokens/image-size.ts';
import { countImageTokens, countTokens } from '../../src/tokens/index.ts';

describe('countImageTokens', () => {
  // Examples of the vendors' own pages, and what their APIs were seen to bill.
  test.each<[string, number, number, 'low' | 'high', number]>([
    ['gpt-4o', 1024, 1024, 'high', 765],
    ['gpt-4o', 2048, 4096, 'high', 1105],
    ['gpt-4o', 4096, 8192, 'low', 85],
    ['gpt-4o', 128, 64, 'high', 255],
    ['gpt-4o-mini', 128, 64, 'high', 8500],
    ['gpt-4.1', 1024, 1024, 'high', 765],
    ['gpt-4.1-mini', 1024, 1024, 'high', 1659],
    ['gpt-4.1-nano', 8000, 8000, 'high', 3779],
    ['gpt-5', 1024, 1024, 'high', 630],
    ['o3', 1024, 1024, 'high', 675],
    ['claude-sonnet-4-5', 1000, 1000, 'high', 1334],
    ['claude-sonnet-4-5', 200, 200, 'high', 54],
    ['claude-sonnet-4-5', 8000, 8000, 'high', 1600],
    ['gemini-2.5-flash', 384, 384, 'high', 258],
    ['gemini-2.5-flash', 1536, 768, 'high', 516],
    ['gemini-3-flash-preview', 4032, 3024, 'high', 1120],
  ])('%s, %i x %i, %s', (model, width, height, detail, expected) => {
    expect(countImageTokens({ width, height }, { model, detail })).toBe(expected);
  });
});

const dataUrl = (type: string, bytes: readonly number[]): string =>
  `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`;
const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

/** Heads of files of 300 by 200 pixels. */
const HEADS = {
  png: dataUrl('png', [...ascii('\x89PNG\r\n\x1a\n'), 0, 0, 0, 13, ...ascii('IHDR'), 0, 0, 1, 44, 0, 0, 0, 200]),
  gif: dataUrl('gif', [...ascii('GIF89a'), 44, 1, 200, 0]),
  jpeg: dataUrl('jpeg', ascii('\xff\xd8\xff\xe0\0\x04\0\0\xff\xc4\0\x03\0\xff\xc2\0\x11\x08\0\xc8\x01\x2c\x03\0\0')),
  'lossy webp': dataUrl('webp', ascii('RIFF....WEBPVP8 \0\0\0\0\0\0\0\0\0\0\x2c\x01\xc8\0')),
  'lossless webp': dataUrl('webp', [...ascii('RIFF....WEBPVP8L....\x2f'), 43, 0xc1, 49, 0]),
  'extended webp': dataUrl('webp', [...ascii('RIFF....WEBPVP8X....\0\0\0\0'), 43, 1, 0, 199, 0, 0]),
};

describe('imageSizeOf', () => {
  test.each(Object.entries(HEADS))('%s', (_, url) => {
    expect(imageSizeOf(url)).toEqual({ width: 300, height: 200 });
  });

  test.each([
    ['an address', 'https://example.com/cat.png'],
    ['another format', dataUrl('tiff', ascii('II*\0........'))],
    ['a head that is cut', HEADS.png.slice(0, 44)],
    ['a JPEG without a frame', dataUrl('jpeg', [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0])],
    ['nothing', 'data:image/png;base64,'],
  ])('%s has none', (_, url) => {
    expect(imageSizeOf(url)).toBeUndefined();
  });
});

test('images count with the messages they are in', () => {
  const text = { type: 'text', text: 'What is this?' };
  const count = (image: object): number =>
    countTokens([{ role: 'user', content: [text, { type: 'image_url', ...image }] }], { model: 'gpt-4o' }) -
    countTokens([{ role: 'user', content: [text] }], { model: 'gpt-4o' });
  expect(count({ image_url: { url: HEADS.png } })).toBe(255);
  expect(count({ image_url: { url: HEADS.png, detail: 'low' } })).toBe(85);
  expect(count({ image_url: HEADS.png })).toBe(255);
  expect(count({ image_url: { url: 'https://example.com/cat.png' } }), 'taken for 1024 x 1024').toBe(765);
});
