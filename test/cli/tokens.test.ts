import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { calculateCost } from '../../src/cost/index.ts';
import { countTokens } from '../../src/tokens/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { otelLangfuse } from './otel-langfuse.ts';

const messages = [
  { role: 'system', content: 'You answer in one word.' },
  { role: 'user', content: 'What is the weather?' },
];
const tools = [{ type: 'function', function: { name: 'weather', description: 'Weather of a city' } }];

function file(content: unknown): string {
  const location = path.join(temporaryDirectory(), 'prompt');
  writeFileSync(location, typeof content === 'string' ? content : JSON.stringify(content));
  return location;
}

describe('count', () => {
  test.each<[string, unknown, string, string]>([
    ['a text', 'Hello, world!\n', 'gpt-4o', '4 tokens, exact (tiktoken o200k_base)'],
    ['one token', 'Hello', 'gpt-4', '1 token, exact (tiktoken cl100k_base)'],
    [
      'messages',
      messages,
      'gpt-4o',
      `${countTokens(messages, { model: 'gpt-4o' })} tokens, exact (tiktoken o200k_base)`,
    ],
    [
      'a request',
      { model: 'gpt-4o', messages, tools },
      'gpt-4o',
      `${countTokens(messages, { model: 'gpt-4o', tools })} tokens, by formula (tiktoken o200k_base)`,
    ],
    ['JSON that is no chat', '[1, 2]', 'gpt-4o', '6 tokens, exact (tiktoken o200k_base)'],
    ['another vendor’s', 'Hello, world!', 'claude-sonnet-4-5', '5 tokens, within 20 % (tiktoken o200k_base x 1.15)'],
  ])('%s', async (_, content, model, expected) => {
    const { code, stdout, stderr } = await otelLangfuse(['count', '--model', model, file(content)]);
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: `${expected}\n` });
  });

  test('standard input', async () => {
    const { stdout } = await otelLangfuse(['count', '--model', 'gpt-4o'], { input: 'Hello, world!' });
    expect(stdout).toMatch(/^4 tokens/);
  });

  test('--json', async () => {
    const { stdout } = await otelLangfuse(['count', '--model', 'gpt-4o', '--json', file('Hello, world!')]);
    expect(JSON.parse(stdout)).toEqual({
      model: 'gpt-4o',
      tokens: 4,
      image_tokens: 0,
      exact: true,
      error_band: 0,
      method: 'tiktoken o200k_base',
    });
  });
});

describe('estimate', () => {
  const words = ['estimate', '--model', 'gpt-4o', '--output-tokens', '1,000'];

  test('for people', async () => {
    const { code, stdout } = await otelLangfuse([...words, file('Hello, world!')]);
    expect(code).toBe(0);
    expect(stdout).toBe('$0.01001 for 4 tokens of input, exact (tiktoken o200k_base), and 1,000 tokens of output\n');
  });

  test('--json', async () => {
    const { stdout } = await otelLangfuse([...words, '--json', file(messages)]);
    const input = countTokens(messages, { model: 'gpt-4o' });
    const cost = calculateCost({ model: 'gpt-4o', usage: { input, output: 1000 } });
    expect(JSON.parse(stdout)).toMatchObject({
      usd: 'exactUsd' in cost && cost.exactUsd,
      input_tokens: input,
      output_tokens: 1000,
      exact: true,
    });
  });

  test('a model without a price is said', async () => {
    const { code, stdout, stderr } = await otelLangfuse([
      'estimate',
      '--model',
      'no-such-model',
      '--output-tokens',
      '1',
      file('x'),
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^otel-langfuse: no price: .*no-such-model/);
  });
});

describe('what makes no sense', () => {
  test.each([
    [['count'], '`count` needs a model: --model gpt-4o', 2],
    [['estimate', '--model', 'gpt-4o'], '`estimate` needs the length of the answer: --output-tokens 500', 2],
    [['estimate', '--output-tokens', '5'], '`estimate` needs a model', 2],
    [['estimate', '--model', 'gpt-4o', '--output-tokens', '-5'], 'is no count', 2],
    [['count', '--model', 'gpt-4o', '/no/such/file'], 'cannot read /no/such/file: ENOENT', 1],
  ])('%j', async (words, message, expected) => {
    const { code, stdout, stderr } = await otelLangfuse(words);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toContain(message);
  });
});
