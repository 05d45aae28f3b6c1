import { describe, expect, test } from 'vitest';
import { countTokens } from '../../src/tokens/index.ts';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import { runApp } from './run-app.ts';

const LANGFUSE = 'langfuse.observation.';
const detailsOf = (span: ReceivedSpan | undefined, name: string): Record<string, number> =>
  JSON.parse(String(span?.attributes[LANGFUSE + name]));
const metadataOf = (span: ReceivedSpan | undefined, name: string): unknown =>
  span?.attributes[`${LANGFUSE}metadata.${name}`];

const prompt = countTokens([{ role: 'user', content: 'Weather?' }], { model: 'gpt-4o' });

describe('usage that no response reports', () => {
  test('is counted by the tokenizer, also where content is not recorded', async () => {
    const { code, stderr, spans } = await runApp('usage-missing.mjs', {
      environment: () => ({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'false' }),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.stringify(spans)).not.toMatch(/Weather/);
    const [whole, left, message, failed] = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-6', 'gpt-4.1'].map((model) =>
      spans.find((span) => span.name === `chat ${model}`),
    );

    const usage = detailsOf(whole, 'usage_details');
    expect(usage['input']).toBe(prompt);
    expect(usage['output']).toBeGreaterThan(1);
    expect(detailsOf(whole, 'cost_details')['total']).toBeCloseTo(
      (usage['input'] ?? 0) * 2.5e-6 + (usage['output'] ?? 0) * 1e-5,
      12,
    );
    expect(metadataOf(whole, 'estimated_usage')).toBe(true);
    expect(metadataOf(whole, 'estimate_method')).toBe('input and output: tiktoken o200k_base');

    expect(detailsOf(left, 'usage_details')).toMatchObject({ input: prompt });
    expect(metadataOf(left, 'estimate_method')).toBe('input and output: tiktoken o200k_base');

    // What the stream had reported of the input stays.
    expect(metadataOf(message, 'estimate_method')).toBe('output: tiktoken o200k_base x 1.15');
    const { input = 0, output = 0, total } = detailsOf(message, 'usage_details');
    expect(input).toBeGreaterThan(0);
    expect(output).toBeGreaterThan(0);
    expect(total).toBe(input + output);

    expect(failed?.attributes[`${LANGFUSE}level`]).toBe('ERROR');
    expect(metadataOf(failed, 'estimated_usage')).toBeUndefined();
  });

  test('is estimated by its length where the process ends at once', async () => {
    const { spans } = await runApp('usage-missing.mjs', { argument: 'exit', followedBy: 'plain.mjs' });
    const span = spans.find((candidate) => metadataOf(candidate, 'estimated_usage') === true);
    expect(metadataOf(span, 'estimate_method')).toBe('input and output: UTF-8 bytes / 4');
    expect(detailsOf(span, 'usage_details')).toMatchObject({ input: 2 });
  });
});
