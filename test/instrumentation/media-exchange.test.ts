import { describe, expect, test } from 'vitest';
import type { Exchange, RequestBody } from '../../src/instrumentation/exchange.ts';
import { readExchange } from '../../src/instrumentation/read-exchange.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import { BodyBuffer } from '../../src/wire/body-buffer.ts';
import { exchangeAt } from './exchanges.ts';

const MEGABYTE = 1024 * 1024;
const AUDIO = Buffer.from([0xff, 0xf3, 0x64, 0xc4, 0x00, 0x00, 0x00, 0x03]);

/** What is read of an exchange whose bodies may be forms, text or media. */
function call(
  path: string,
  requestBody: RequestBody,
  response: { body: Uint8Array; headers?: Record<string, string>; status?: number },
  finish: (exchange: Exchange) => void = (exchange) => exchange.end({ kind: 'finished' }),
): LlmCall {
  const exchange = exchangeAt(path);
  exchange.requestBody = requestBody;
  const { body, headers = {}, status = 200 } = response;
  exchange.begin(status, (name) => headers[name]);
  if (body.byteLength > 0) exchange.chunk(body, exchange);
  finish(exchange);
  return readExchange(exchange, 10_000);
}

const speech = (response: Parameters<typeof call>[2], finish?: (exchange: Exchange) => void): LlmCall =>
  call('/v1/audio/speech', JSON.stringify({ model: 'tts-1', voice: 'alloy', input: 'Grüezi 👋' }), response, finish);

describe('speech', () => {
  test('is billed by the characters it was made from; the audio is not recorded', () => {
    const read = speech({ body: AUDIO, headers: { 'content-type': 'audio/mpeg' } });
    expect(read.usage?.units).toEqual({ characters: 8 });
    expect(read.output?.[0]?.parts).toEqual([
      { type: 'blob', modality: 'audio', mime_type: 'audio/mpeg', content: '[audio/mpeg, 8 bytes]' },
    ]);
    expect(read.problems).toEqual([]);
    expect(read.error).toBeUndefined();
  });

  test('that the app took as a blob is described by what its headers say', () => {
    const read = speech({
      body: new Uint8Array(),
      headers: { 'content-type': 'audio/wav', 'content-length': '48044' },
    });
    expect(read.output?.[0]?.parts[0]).toMatchObject({ content: '[audio/wav, 48044 bytes]' });
  });

  test('that failed is billed nothing', () => {
    const body = Buffer.from(JSON.stringify({ error: { type: 'invalid_request_error', message: 'No such voice.' } }));
    const read = speech({ body, headers: { 'content-type': 'application/json' }, status: 400 });
    expect(read.usage).toBeUndefined();
    expect(read.error).toEqual({ type: 'invalid_request_error', message: 'No such voice.', status: 400 });
  });

  test('whose answer the app never read says so', () => {
    const read = speech({ body: new Uint8Array(), headers: { 'content-type': 'audio/mpeg' } }, (exchange) =>
      exchange.end({ kind: 'unread' }),
    );
    expect(read.output).toBeUndefined();
    expect(read.problems.map(({ code }) => code)).toEqual(['response-unread']);
  });
});

function transcriptionForm(): FormData {
  const form = new FormData();
  form.append('model', 'whisper-1');
  form.append('response_format', 'srt');
  form.append('file', new File([AUDIO], 'talk.mp3', { type: 'audio/mpeg' }));
  return form;
}

const SRT = Buffer.from('1\n00:00:00,000 --> 00:00:02,500\nGuten Morgen.\n');

describe('a transcription', () => {
  test.each([
    ['a form', async () => transcriptionForm()],
    ['its bytes', async () => new Uint8Array(await new Response(transcriptionForm()).arrayBuffer())],
    ['bytes in pieces', async () => inPieces(await new Response(transcriptionForm()).arrayBuffer(), 7)],
  ])('asked for with %s is read as it was asked and answered', async (_title, body) => {
    const read = call('/v1/audio/transcriptions', await body(), {
      body: SRT,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    expect(read).toMatchObject({
      operation: 'transcription',
      requestModel: 'whisper-1',
      parameters: { outputType: 'text', other: { response_format: 'srt' } },
      problems: [],
    });
    expect(read.input?.[0]?.parts).toEqual([
      { type: 'blob', modality: 'audio', mime_type: 'audio/mpeg', content: '[audio/mpeg, 8 bytes]' },
    ]);
    expect(read.output?.[0]?.parts).toEqual([{ type: 'text', content: SRT.toString() }]);
  });

  test('of a file too long to keep has its fields on both sides of the file', async () => {
    const form = new FormData();
    form.append('model', 'gpt-4o-transcribe');
    form.append('file', new File([new Uint8Array(12 * MEGABYTE)], 'day.wav', { type: 'audio/wav' }));
    form.append('language', 'de');
    const body = inPieces(await new Response(form).arrayBuffer(), MEGABYTE);
    expect(body.byteLength).toBeLessThan(10 * MEGABYTE);
    const read = call('/v1/audio/transcriptions', body, {
      body: Buffer.from(JSON.stringify({ text: 'Ja.', usage: { type: 'duration', seconds: 3600 } })),
      headers: { 'content-type': 'application/json' },
    });
    expect(read).toMatchObject({
      requestModel: 'gpt-4o-transcribe',
      parameters: { other: { language: 'de' } },
      usage: { units: { seconds: 3600 } },
    });
    expect(read.input?.[0]?.parts[0]).toMatchObject({ content: '[audio/wav]' });
  });
});

function inPieces(bytes: ArrayBuffer, size: number): BodyBuffer {
  const kept = new BodyBuffer(8 * MEGABYTE);
  for (let at = 0; at < bytes.byteLength; at += size) kept.push(new Uint8Array(bytes.slice(at, at + size)));
  return kept;
}

test('images without usage are billed by the image', () => {
  const body = Buffer.from(
    JSON.stringify({ created: 1, data: [{ url: 'https://a.example/1' }, { url: 'https://a.example/2' }] }),
  );
  const read = call('/v1/images/generations', JSON.stringify({ model: 'dall-e-2', prompt: 'A cat', n: 2 }), { body });
  expect(read.usage?.units).toEqual({ images: 2 });
  expect(read.rawUsage).toBeUndefined();
});
