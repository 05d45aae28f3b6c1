import { afterEach, describe, expect, test, vi } from 'vitest';
import { LangfuseSpanExporter, LlmSpanProcessor } from '../../src/exporter/index.ts';
import { resolveOptions } from '../../src/exporter/options.ts';
import { LLM, readableSpan } from './readable-spans.ts';
import { RecordingDelivery } from './recording-delivery.ts';

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

  test('content that the environment switches off is not sent, whoever recorded it', () => {
    vi.stubEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'false');
    const delivery = new RecordingDelivery();
    const attributes = {
      ...LLM,
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"secret"}]}]',
    };
    new LangfuseSpanExporter({ delivery }).export([readableSpan({ name: 'chat', attributes })], () => {});
    expect(delivery.records).toHaveLength(1);
    expect(delivery.records[0]).not.toContain('secret');
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
