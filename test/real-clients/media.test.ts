import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSameRun } from '../support/expect-same-run.ts';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import { placeApp } from './place-app.ts';

const IMAGE = { b64_json: Buffer.alloc(90, 7).toString('base64') };
const IMAGE_USAGE = { input_tokens: 9, input_tokens_details: { text_tokens: 9, image_tokens: 0 } };
const SOUND = Buffer.from([0xff, 0xfb, 0x90, 0x64, 0x00, 0x0f]);

/** What a request to this path, which names this model, is answered with. */
function answer(path: string, body: string): { type?: string; body: object | Buffer | string } {
  switch (path) {
    case '/v1/images/generations':
      return body.includes('dall-e-3')
        ? { body: { created: 1, data: [{ url: 'https://images.example/cat.png' }] } }
        : { body: { created: 1, data: [IMAGE], usage: { ...IMAGE_USAGE, output_tokens: 272, total_tokens: 281 } } };
    case '/v1/images/edits':
      return {
        body: {
          created: 1,
          data: [IMAGE],
          usage: {
            input_tokens: 350,
            input_tokens_details: { text_tokens: 27, image_tokens: 323 },
            output_tokens: 272,
            total_tokens: 622,
          },
        },
      };
    case '/v1/audio/speech':
      return { type: 'audio/mpeg', body: SOUND };
    case '/v1/audio/transcriptions':
      return body.includes('whisper-1')
        ? { type: 'text/plain; charset=utf-8', body: 'Guten Morgen.\n' }
        : {
            body: {
              text: 'Guten Morgen.',
              usage: {
                type: 'tokens',
                input_tokens: 21,
                input_token_details: { text_tokens: 3, audio_tokens: 18 },
                output_tokens: 5,
                total_tokens: 26,
              },
            },
          };
    case '/v1/audio/translations':
      return { body: { task: 'translate', language: 'german', duration: 2.5, text: 'Good morning.', segments: [] } };
    default:
      return {
        body: {
          id: 'modr-1',
          model: 'omni-moderation-latest',
          results: [{ flagged: true, categories: { harassment: true } }],
        },
      };
  }
}

/** What each scenario's span is to say: model asked for, buckets or none, other units, and what was answered. */
const EXPECTED: readonly (readonly [string, object | null, object | null, string])[] = [
  ['gpt-image-1', { input: 9, output: 0, output_image_tokens: 272, total: 281 }, null, '[image/png, 90 bytes]'],
  ['dall-e-3', null, { images: 1 }, 'https://images.example/cat.png'],
  [
    'gpt-image-1',
    { input: 27, input_image_tokens: 323, output: 0, output_image_tokens: 272, total: 622 },
    null,
    '[image/png, 90 bytes]',
  ],
  ['tts-1', null, { characters: 8 }, '[audio/mpeg, 6 bytes]'],
  ['tts-1-hd', null, { characters: 2 }, '[audio/mpeg, 6 bytes]'],
  ['gpt-4o-transcribe', { input: 3, input_audio_tokens: 18, output: 5, total: 26 }, null, 'Guten Morgen.'],
  ['whisper-1', null, null, 'Guten Morgen.'],
  ['whisper-1', null, { seconds: 2.5 }, 'Good morning.'],
  ['omni-moderation-latest', null, null, 'harassment'],
];

describe('media', () => {
  let server: Server;
  let before: AppRun;
  let after: AppRun;
  beforeAll(async () => {
    const app = placeApp('media.mjs');
    server = createServer(async (request, response) => {
      const asked = Buffer.concat(await request.toArray()).toString('latin1');
      const { type = 'application/json', body } = answer(request.url ?? '', asked);
      const bytes = Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(bytes) }).end(bytes);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const environment = { MEDIA_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    [before, after] = await Promise.all([
      runAppProcess(app, { environment }),
      runAppProcess(app, { environment, flags: ['--require', 'otel-langfuse/register'] }),
    ]);
  }, 150_000);
  afterAll(() => server.close());

  test('behaves as before', () => {
    expectSameRun(before, after);
    expect(JSON.stringify(before.scenarios)).not.toContain('"error":');
  });

  test.each([0, 1])('each call is one span with its units and without its media (client %i)', (client) => {
    expect(after.spans).toHaveLength(2 * EXPECTED.length);
    const spans = after.spans.slice(client * EXPECTED.length, (client + 1) * EXPECTED.length);
    for (const [index, [model, usage, units, answered]] of EXPECTED.entries()) {
      const attributes = spans[index]?.attributes ?? {};
      const stated = (name: string): { total?: number } | null => JSON.parse(String(attributes[name] ?? null));
      expect(attributes['gen_ai.request.model']).toBe(model);
      const details = stated('langfuse.observation.usage_details');
      expect(details?.total === 0 ? null : details, model).toEqual(usage);
      expect((stated('otel_langfuse.usage.billing') as { units?: object } | null)?.units ?? null, model).toEqual(units);
      expect(attributes['langfuse.observation.output'], model).toContain(answered);
      expect(JSON.stringify(attributes), model).not.toContain(IMAGE.b64_json);
      expect(attributes['langfuse.observation.metadata.problems'], model).toBeUndefined();
    }
  });
});
