import { describe, expect, test } from 'vitest';
import { blobPart, modalityOf, uriPart, withoutMedia } from '../../src/util/media.ts';

const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');

describe('media is recorded as type and size', () => {
  test.each([0, 1, 2, 3, 1000])('%i bytes of base64', (bytes) => {
    expect(blobPart('image', base64(bytes), 'image/png')).toEqual({
      type: 'blob',
      modality: 'image',
      mime_type: 'image/png',
      content: `[image/png, ${bytes} bytes]`,
    });
  });

  test('a data URL is inline, any other address stays', () => {
    expect(uriPart('image', `data:image/jpeg;base64,${base64(10)}`)).toMatchObject({
      content: '[image/jpeg, 10 bytes]',
    });
    expect(uriPart('audio', `data:audio/L16;rate=24000;base64,${base64(10)}`)).toMatchObject({
      mime_type: 'audio/L16',
    });
    expect(uriPart('image', 'https://example.com/a.png')).toEqual({
      type: 'uri',
      modality: 'image',
      uri: 'https://example.com/a.png',
    });
  });

  test('is replaced wherever it is in a value', () => {
    const value = {
      image: `data:image/png;base64,${base64(3000)}`,
      nested: [{ encrypted: base64(900) }, 'text', 1, null, true],
    };
    expect(withoutMedia(value)).toEqual({
      image: '[image/png, 3000 bytes]',
      nested: [{ encrypted: '[binary data, 900 bytes]' }, 'text', 1, null, true],
    });
  });

  test('prose, code and short tokens are not media', () => {
    const texts = ['word '.repeat(500), 'const x = 1;\n'.repeat(200), base64(100), 'data: not a URL'];
    expect(withoutMedia(texts)).toEqual(texts);
  });

  test.each([
    ['image/png', 'image'],
    ['text/plain', 'text'],
    ['application/pdf', 'document'],
    [undefined, 'document'],
  ])('%s is %s', (mimeType, modality) => {
    expect(modalityOf(mimeType)).toBe(modality);
  });
});
