import { describe, expect, test, vi } from 'vitest';
import { toOtlpJson } from '../../src/delivery/otlp-json.ts';
import { spanOf } from '../support/span-view.ts';
import { App, call } from './app.ts';
import { Collector, otelcol } from './collector.ts';
import { startReceiver } from './receiver.ts';

const SECRETS = {
  'e-mail': 'ada@example.com',
  'key of OpenAI': 'sk-proj-AbCdEfGhIjKlMnOpQrSt',
  'key of Langfuse': 'sk-lf-0f3c2a1b-5d6e-4f70-8192-a3b4c5d6e7f8',
  'key of Google': 'AIzaSyA1234567890abcdefghijklmnopqrstuv',
  'key of AWS': 'AKIAIOSFODNN7EXAMPLE',
  'bearer token': 'Bearer abcdefghijklmnop1234',
  'payment card': '4111 1111 1111 1111',
  IBAN: 'DE89 3704 0044 0532 0130 00',
};

/** Counts and their companions, which no pattern may touch, however much they look like a card. */
const NUMBERS = {
  'otel_langfuse.usage.raw': '{"prompt_tokens":4111111111111111}',
  'gen_ai.usage.input_tokens': 4_111_111_111_111_111,
  'gen_ai.response.id': 'chatcmpl-4111111111111111',
};

async function startRedaction(): Promise<{ collector: Collector; gateway: Awaited<ReturnType<typeof startReceiver>> }> {
  const gateway = await startReceiver();
  const collector = await Collector.create('redaction.yaml', { GATEWAY_ENDPOINT: gateway.url });
  return { collector: await collector.start(), gateway };
}

describe.skipIf(!otelcol)('redaction.yaml', () => {
  test.each(Object.entries(SECRETS))('%s is masked, what is around it and all numbers stay', async (_, secret) => {
    const { collector, gateway } = await startRedaction();
    const app = new App(collector.url);
    const span = app.start({ name: 'chat', attributes: { ...call(), ...NUMBERS, prompt: `before ${secret} after` } });
    span.addEvent('gen_ai.user.message', { content: `before ${secret} after` });
    span.end();
    await app.flush();
    await vi.waitFor(() => expect(gateway.spans).toHaveLength(1), { timeout: 10_000 });
    const [received] = gateway.spans;
    expect(received?.attributes).toMatchObject({ ...call(), ...NUMBERS, prompt: 'before **** after' });
    expect(received?.events?.[0]?.attributes).toMatchObject({ content: 'before **** after' });
  });

  test('messages as maps and lists are looked into', async () => {
    const { collector, gateway } = await startRedaction();
    const record = JSON.parse(toOtlpJson(spanOf({ name: 'chat' }), {})) as {
      scopeSpans: { spans: { attributes: unknown[] }[] }[];
    };
    const content = { key: 'content', value: { stringValue: `I am ${SECRETS['e-mail']}` } };
    const messages = { arrayValue: { values: [{ kvlistValue: { values: [content] } }] } };
    record.scopeSpans[0]?.spans[0]?.attributes.push({ key: 'gen_ai.input.messages', value: messages });
    const { status } = await fetch(`${collector.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [record] }),
    });
    expect(status).toBe(200);
    await vi.waitFor(() => expect(gateway.spans).toHaveLength(1), { timeout: 10_000 });
    expect(gateway.spans[0]?.attributes['gen_ai.input.messages']).toBe('[{"content":"I am ****"}]');
  });
});
