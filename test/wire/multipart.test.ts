import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFormData, readMultipart } from '../../src/wire/multipart.ts';

const name = fc.stringMatching(/^[a-z_]{1,12}(\[\])?$/);
const file = fc
  .record({ bytes: fc.uint8Array({ maxLength: 200 }), fileName: fc.stringMatching(/^[a-z]{1,8}\.[a-z]{3}$/) })
  .map(({ bytes, fileName }) => new File([bytes as Uint8Array<ArrayBuffer>], fileName, { type: 'audio/mpeg' }));

async function bytesOf(form: FormData): Promise<Buffer> {
  return Buffer.from(await new Response(form).arrayBuffer());
}

describe('a form', () => {
  test('reads the same from the object and from its bytes', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll(/[\r\n]/g, ''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, fc.oneof(text, file)), { minLength: 1 }), async (entries) => {
        const form = new FormData();
        for (const [key, value] of entries) form.append(key, value);
        expect(readMultipart(await bytesOf(form), true)).toEqual(readFormData(form));
      }),
    );
  });

  test('has its texts, its lists and what is known of its files', () => {
    const form = new FormData();
    form.append('model', 'whisper-1');
    form.append('file', new File([new Uint8Array(1234)], 'talk.mp3', { type: 'audio/mpeg' }));
    form.append('include[]', 'logprobs');
    form.append('speaker', 'Ada');
    form.append('speaker', 'Grace');
    expect(readFormData(form)).toEqual({
      model: 'whisper-1',
      file: { file_name: 'talk.mp3', mime_type: 'audio/mpeg', bytes: 1234 },
      include: ['logprobs'],
      speaker: ['Ada', 'Grace'],
    });
  });

  test('whose middle is missing has its fields, but not the size of the file', async () => {
    const form = new FormData();
    form.append('model', 'whisper-1');
    form.append('file', new File([new Uint8Array(1000)], 'talk.mp3'));
    form.append('response_format', 'srt');
    const bytes = await bytesOf(form);
    const kept = Buffer.concat([bytes.subarray(0, 400), bytes.subarray(900)]);
    expect(readMultipart(kept, false)).toEqual({
      model: 'whisper-1',
      file: { file_name: 'talk.mp3', mime_type: 'application/octet-stream' },
      response_format: 'srt',
    });
  });

  test('cut at any byte reads as far as it got', async () => {
    const form = new FormData();
    form.append('model', 'whisper-1');
    form.append('file', new File([new Uint8Array(50)], 'talk.mp3'));
    const bytes = await bytesOf(form);
    const models = new Set<unknown>();
    for (let length = 0; length < bytes.length; length++)
      models.add(readMultipart(bytes.subarray(0, length), true)?.['model']);
    expect(models).toEqual(new Set([undefined, 'whisper-1']));
  });

  test.each(['', '{"model":"gpt-4o"}', '--', '--\r\n', 'model=whisper-1&n=1', '\r\n--x\r\n'])('is not %j', (text) => {
    expect(readMultipart(Buffer.from(text), true)).toBeUndefined();
  });

  test('reads nothing but a form from bytes that only begin like one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const read = readMultipart(Buffer.concat([Buffer.from('--x\r\n'), bytes]), true);
        expect(Object.values(read ?? {}).every((value) => value !== undefined)).toBe(true);
      }),
    );
  });
});
