import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Mask } from '../../src/config/config.ts';
import { genAi } from '../../src/dialect/gen-ai.ts';
import { LangfuseSpanExporter, LlmSpanProcessor } from '../../src/exporter/index.ts';
import { resolveOptions } from '../../src/exporter/options.ts';
import { LLM, readableSpan } from './readable-spans.ts';
import { RecordingDelivery } from '../support/recording-delivery.ts';

afterEach(() => vi.unstubAllEnvs());

describe('options', () => {
  test('come from the environment, and from the code before it', () => {
    vi.stubEnv('LANGFUSE_PUBLIC_KEY', 'pk');
    vi.stubEnv('LANGFUSE_SECRET_KEY', 'sk');
    vi.stubEnv('LANGFUSE_HOST', 'https://langfuse.example/');
    vi.stubEnv('LANGFUSE_TRACING_ENVIRONMENT', 'staging');
    vi.stubEnv('LANGFUSE_RELEASE', 'v1');
    vi.stubEnv('OTEL_LANGFUSE_SPANS', 'llm');
    expect(resolveOptions({ release: 'v2', publicKey: 'pk2' })).toMatchObject({
      environment: 'staging',
      release: 'v2',
      spans: 'llm',
      captureContent: true,
      immediately: false,
      target: {
        options: { destination: { baseUrl: 'https://langfuse.example', publicKey: 'pk2', secretKey: 'sk' } },
      },
    });
  });

  test('without both keys there is no destination', () => {
    vi.stubEnv('LANGFUSE_PUBLIC_KEY', 'pk');
    vi.stubEnv('LANGFUSE_SECRET_KEY', '');
    expect(resolveOptions({}).target).toMatchObject({ options: { destination: undefined } });
  });

  test('misuse says what to write instead', () => {
    expect(() => resolveOptions({ baseUrl: 'cloud.langfuse.com' })).toThrow(/baseUrl.*such as https:/);
    expect(() => resolveOptions({ spans: 'some' as never })).toThrow(/llm-path, all, llm/);
  });

  const message = '[{"role":"user","parts":[{"type":"text","content":"secret"}]}]';
  const inAttribute = readableSpan({ name: 'chat', attributes: { ...LLM, 'gen_ai.input.messages': message } });
  const flattened = readableSpan({ name: 'chat', attributes: { ...LLM, 'gen_ai.prompt.0.content': 'secret' } });
  const event = { name: 'gen_ai.user.message', time: [1_750_000_000, 0] as const, attributes: { content: 'secret' } };
  const inEvent = { ...readableSpan({ name: 'chat', attributes: LLM }), events: [event] };

  describe.each([
    ['an attribute', inAttribute],
    ['flattened attributes', flattened],
    ['an event', inEvent],
  ])('content in %s', (_, span) => {
    function sent(mask?: Mask): string {
      const delivery = new RecordingDelivery();
      new LangfuseSpanExporter({ delivery, ...(mask && { mask }) }).export([span], () => {});
      expect(delivery.records).toHaveLength(1);
      return delivery.records[0] ?? '';
    }

    test('is sent, once', () => {
      expect(sent().split('secret')).toHaveLength(2);
    });

    test('is not sent where the environment switches content off, whoever recorded it', () => {
      vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'false');
      expect(sent()).not.toContain('secret');
    });

    test('is masked', () => {
      expect(sent((text) => text.replaceAll('secret', '***'))).toMatch(/^(?!.*secret).*\*\*\*/);
    });

    test('is not sent unmasked because the span cannot be read', () => {
      vi.spyOn(genAi, 'read').mockImplementationOnce(() => {
        throw new Error('broken');
      });
      expect(sent((text) => text)).not.toContain('secret');
    });
  });

  test('switched off by the environment, spans go nowhere', async () => {
    vi.stubEnv('OTEL_LANGFUSE_DISABLED', 'true');
    const delivery = new RecordingDelivery();
    const processor = new LlmSpanProcessor({ delivery });
    processor.onEnd(readableSpan({ name: 'chat', attributes: LLM }));
    new LangfuseSpanExporter({ delivery }).export([readableSpan({ name: 'chat', attributes: LLM })], ({ code }) =>
      expect(code).toBe(0),
    );
    await processor.shutdown();
    expect(delivery.records).toEqual([]);
  });
});
