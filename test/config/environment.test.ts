import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';

describe('readEnvironment', () => {
  test('has a default for everything', () => {
    const { config, problems } = readEnvironment({ HOME: '/home/ada', XDG_STATE_HOME: '/state' });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      langfuse: { baseUrl: 'https://cloud.langfuse.com' },
      spool: { directory: '/state/otel-langfuse/spool', durability: 'batch' },
      capture: { content: true },
      spans: 'llm-path',
      disabled: false,
      tracesExporters: [],
    });
    expect(config.langfuse.publicKey).toBeUndefined();
  });

  test.each(['LANGFUSE_BASE_URL', 'LANGFUSE_HOST', 'LANGFUSE_BASEURL'])('reads the address from %s', (name) => {
    expect(readEnvironment({ [name]: 'http://localhost:3000/' }).config.langfuse.baseUrl).toBe('http://localhost:3000');
  });

  test('the first of several names wins', () => {
    const env = { LANGFUSE_HOST: 'http://second', LANGFUSE_BASE_URL: 'http://first' };
    expect(readEnvironment(env).config.langfuse.baseUrl).toBe('http://first');
  });

  test.each([
    ['LANGFUSE_BASE_URL', 'cloud.langfuse.com', /LANGFUSE_BASE_URL="cloud.langfuse.com".*https:\/\/cloud.langfuse.com/],
    ['OTEL_LANGFUSE_DURABILITY', 'disk', /OTEL_LANGFUSE_DURABILITY="disk".*batch, span, fsync, memory/],
    ['OTEL_LANGFUSE_SPOOL_MAX_MB', '-1', /OTEL_LANGFUSE_SPOOL_MAX_MB="-1".*whole number from 1/],
    ['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'maybe', /="maybe".*true or false/],
    ['OTEL_LANGFUSE_PRICES_URL', 'prices.json', /OTEL_LANGFUSE_PRICES_URL="prices.json".*https:\/\/prices/],
    ['OTEL_LANGFUSE_PRICES_URL', 'file:///prices.json', /an address such as/],
    ['OTEL_LANGFUSE_PROVIDERS', 'llm.internal', /OTEL_LANGFUSE_PROVIDERS="llm.internal".*pairs such as/],
    ['OTEL_LANGFUSE_PROVIDERS', 'a=b,=c', /pairs such as/],
    ['OTEL_LANGFUSE_PROVIDERS', 'https://llm.internal=vllm', /pairs such as/],
  ])('names the variable %s, its value and what to write instead', (variable, value, expected) => {
    const { config, problems } = readEnvironment({ [variable]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ variable });
    expect(problems[0]?.message).toMatch(expected);
    expect(config).toEqual(readEnvironment({}).config);
  });

  test('newer prices are off by default, and their address is kept as it is', () => {
    expect(readEnvironment({}).config.pricesUrl).toBeUndefined();
    const pricesUrl = 'https://prices.example.com/latest/';
    expect(readEnvironment({ OTEL_LANGFUSE_PRICES_URL: pricesUrl }).config.pricesUrl).toBe(pricesUrl);
  });

  test('providers are named by host', () => {
    const { config, problems } = readEnvironment({
      OTEL_LANGFUSE_PROVIDERS: 'LLM.internal=mistral_ai, localhost:8000 = vllm',
    });
    expect(problems).toEqual([]);
    expect(config.providers).toEqual({ 'llm.internal': 'mistral_ai', 'localhost:8000': 'vllm' });
    expect(readEnvironment({}).config.providers).toEqual({});
  });

  test('an unknown setting of ours is pointed out, with the one that was meant', () => {
    const { problems } = readEnvironment({ OTEL_LANGFUSE_DURABILTY: 'span' });
    expect(problems[0]?.message).toContain('did you mean OTEL_LANGFUSE_DURABILITY?');
  });

  test.each([
    ['true', true],
    ['FALSE', false],
    ['SPAN_ONLY', true],
    ['no_content', false],
  ])('content capture %s', (value, expected) => {
    const { config } = readEnvironment({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: value });
    expect(config.capture.content).toBe(expected);
  });

  test.each([
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, ['otlp http/protobuf']],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }, ['otlp http/protobuf']],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://x/v1/traces', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, ['otlp grpc']],
    [{ OTEL_TRACES_EXPORTER: 'console,otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, ['console', 'otlp http/json']],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }, []],
    [{ OTEL_SERVICE_NAME: 'app' }, []],
  ])('%o: spans also go to %j', (env, expected) => {
    const { config, problems } = readEnvironment(env);
    expect(config.tracesExporters).toEqual(expected);
    expect(problems).toEqual([]);
  });

  test.each([
    [{ OTEL_TRACES_EXPORTER: 'jaeger' }, /OTEL_TRACES_EXPORTER="jaeger".*otlp, console or none/],
    [
      { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier/pigeon' },
      /OTEL_EXPORTER_OTLP_PROTOCOL="carrier\/pigeon".*grpc/,
    ],
  ])('%o is a problem', (env, expected) => {
    const { config, problems } = readEnvironment(env);
    expect(config.tracesExporters).toEqual([]);
    expect(problems[0]?.message).toMatch(expected);
  });
});
