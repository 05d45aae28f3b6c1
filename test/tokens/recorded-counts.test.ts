/**
 * How close counts are to what providers report, over recorded exchanges. `npx vitest run test/tokens/recorded` prints
 * the tables of docs/tokens.md.
 */
import { describe, expect, test } from 'vitest';
import type { LlmCall } from '../../src/model/llm-call.ts';
import { findProtocol } from '../../src/protocol/protocols.ts';
import { inclusiveUsage } from '../../src/semconv/inclusive-usage.ts';
import { countTaskOf } from '../../src/tokens/count-task.ts';
import { runCountTask } from '../../src/tokens/run-count-task.ts';
import { tokenizerOf } from '../../src/tokens/tokenizer.ts';
import { type ChatMessage, countTokens, type ToolSpecification } from '../../src/tokens/index.ts';
import { asObject, asObjects } from '../../src/util/json-read.ts';
import { factsOf, readWire } from '../support/read-wire.ts';
import { bodyBytes, type Exchange, hasRecordings, loadRecordings } from '../support/recordings.ts';

interface Sample {
  counted: number;
  reported: number;
}

/** The exchange as a call; `undefined` where it failed or no reader knows it. */
function callOf({ host, path, headers, request, status, contentType, ...exchange }: Exchange): LlmCall | undefined {
  const protocol = status < 300 ? findProtocol(path, host) : undefined;
  const body = asObject(request);
  if (!protocol || !body) return undefined;
  const facts = factsOf({ host, path, headers });
  const bytes = bodyBytes({ host, path, headers, request, status, contentType, ...exchange });
  return {
    operation: protocol.operation,
    ...protocol.readRequest(body, facts),
    ...readWire(protocol, bytes, facts, contentType ?? ''),
    problems: [],
  };
}

const recorded = loadRecordings().flatMap(({ exchange }) => {
  const call = callOf(exchange);
  return call?.usage ? [{ exchange, call, usage: call.usage }] : [];
});

/** What a request has besides text, most telling first. */
const KINDS: readonly (readonly [kind: string, marks: RegExp])[] = [
  ['with images, files or audio', /"type":"(?:image_url|file|input_audio)"/],
  ['with tools and a schema', /"tools":.*"json_schema"|"json_schema".*"tools":/],
  ['with a schema for the answer', /"json_schema"/],
  ['with calls of tools', /"tool_calls":/],
  ['with tools', /"(?:tools|functions)":\[/],
];

const kindOf = (request: unknown): string => {
  const text = JSON.stringify(request);
  return KINDS.find(([, marks]) => marks.test(text))?.[0] ?? 'text';
};

/** Prompts of OpenAI's chat API, by what is in them. */
function chatPrompts(): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  for (const { exchange, call, usage } of recorded) {
    const { request, host, path } = exchange;
    if (host !== 'api.openai.com' || !path.endsWith('/chat/completions') || usage.input === undefined) continue;
    const body = asObject(request) ?? {};
    const tools = asObjects(body['tools'] ?? body['functions']) as ToolSpecification[];
    const counted = countTokens(body['messages'] as unknown as ChatMessage[], {
      model: call.responseModel ?? call.requestModel ?? '',
      tools,
      responseFormat: body['response_format'],
    });
    add(samples, kindOf(request), { counted, reported: usage.input });
  }
  return samples;
}

/** The first that fits. */
const FAMILIES: readonly (readonly [family: string, name: RegExp])[] = [
  ['Claude since 4.7', /claude-(?:opus|sonnet|haiku)-(?:4-[7-9]|[5-9])/],
  ['Claude', /claude/],
  ['Gemini', /gemini/],
  ['Mistral', /mi[sx]tral|codestral|pixtral/],
  ['Llama', /llama/],
  ['Nova', /nova-/],
  ['GLM', /glm-/],
  ['OpenAI, reasoning', /^(?:o\d|gpt-[5-9])/],
  ['OpenAI', /^(?:gpt-[34]|chatgpt)/],
];

/** Families whose tokenizer is not OpenAI's, each with a model of theirs. */
const ESTIMATED: readonly (readonly [family: string, model: string])[] = [
  ['Claude since 4.7', 'claude-opus-4-7'],
  ['Claude', 'claude-sonnet-4-5'],
  ['Gemini', 'gemini-2.5-flash'],
  ['Mistral', 'mistral-large-latest'],
  ['Llama', 'llama-3.3-70b-versatile'],
  ['Nova', 'us.amazon.nova-pro-v1:0'],
];

/** Answers of text only, without what the model thought and nobody saw. */
function answers(): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  for (const { call, usage } of recorded) {
    const { output } = inclusiveUsage(usage);
    const parts = call.output?.flatMap((message) => message.parts) ?? [];
    const isText = parts.length > 0 && parts.every(({ type }) => type === 'text');
    const family = familyOf(call);
    if (!isText || !family || output === undefined || call.output?.length !== 1) continue;
    const reported = output - (usage.reasoning ?? 0);
    const counted = runCountTask(countTaskOf(call, { input: false, output: true })).output ?? 0;
    // Of a handful of tokens a frame of two is half.
    if (reported >= 20) add(samples, family, { counted, reported });
  }
  return samples;
}

/** Parts whose tokens depend on more than their text. */
const NOT_TEXT: ReadonlySet<string> = new Set(['uri', 'file', 'blob', 'other', 'server_tool_call_response']);

/** Prompts of every protocol as they are counted where a stream was cut: from what was read of the request. */
function prompts(): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  for (const { exchange, call, usage } of recorded) {
    const { input } = inclusiveUsage(usage);
    const { systemInstructions = [], input: messages = [], tools = [] } = call;
    const parts = [...systemInstructions, ...messages.flatMap((message) => message.parts)];
    const isText = parts.length > 0 && !parts.some(({ type }) => NOT_TEXT.has(type));
    const isWhole = !/previous_response_id|json_schema|responseSchema/.test(JSON.stringify(exchange.request));
    const family = familyOf(call);
    const areFunctions = tools.every(({ type }) => type === 'function');
    // Of a handful of tokens a frame of five is half.
    if (!isText || !isWhole || !family || !areFunctions || input === undefined || input < 50) continue;
    const counted = runCountTask(countTaskOf(call, { input: true, output: false })).input ?? 0;
    add(samples, `${family}${tools.length > 0 ? ', tools' : ''}`, { counted, reported: input });
  }
  return samples;
}

function familyOf({ responseModel, requestModel = '' }: LlmCall): string | undefined {
  const model = (responseModel ?? requestModel).toLowerCase();
  return FAMILIES.find(([, name]) => name.test(model))?.[0];
}

function add(samples: Map<string, Sample[]>, kind: string, sample: Sample): void {
  samples.set(kind, [...(samples.get(kind) ?? []), sample]);
}

const errorOf = ({ counted, reported }: Sample): number => Math.abs(counted - reported) / reported;

/** The error that this share of the samples does not exceed. */
function errorWithin(samples: readonly Sample[], share: number): number {
  const errors = samples.map(errorOf).toSorted((a, b) => a - b);
  return errors[Math.ceil(errors.length * share) - 1] ?? 0;
}

const exactShare = (samples: readonly Sample[]): number =>
  samples.filter(({ counted, reported }) => counted === reported).length / samples.length;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function print(title: string, table: ReadonlyMap<string, readonly Sample[]>): void {
  const rows = [...table].toSorted(([, a], [, b]) => b.length - a.length);
  const total = (samples: readonly Sample[], key: keyof Sample): number =>
    samples.reduce((sum, sample) => sum + sample[key], 0);
  console.log(
    [
      `| ${title} | exchanges | exact | half within | nine of ten within | counted : reported |`,
      '| --- | --: | --: | --: | --: | --: |',
      ...rows.map(
        ([kind, samples]) =>
          `| ${kind} | ${samples.length} | ${percent(exactShare(samples))} | ${percent(errorWithin(samples, 0.5))} | ` +
          `${percent(errorWithin(samples, 0.9))} | ` +
          `${(total(samples, 'counted') / total(samples, 'reported')).toFixed(3)} |`,
      ),
    ].join('\n'),
  );
}

describe.skipIf(!hasRecordings)('recorded exchanges (skipped where ../shared is absent)', () => {
  test('prompts of OpenAI’s chat API', () => {
    const table = chatPrompts();
    print('prompt', table);
    const text = table.get('text') ?? [];
    expect(text.length).toBeGreaterThan(100);
    expect(exactShare(text)).toBeGreaterThan(0.99);
    expect(exactShare(table.get('with tools') ?? [])).toBeGreaterThan(0.8);
    expect(exactShare(table.get('with calls of tools') ?? [])).toBeGreaterThan(0.5);
    expect(errorWithin(table.get('with calls of tools') ?? [], 0.9)).toBeLessThan(0.15);
    expect(exactShare(table.get('with a schema for the answer') ?? [])).toBeGreaterThan(0.7);
  });

  test('prompts of each family of models', () => {
    const table = prompts();
    print('prompt', table);
    expect(exactShare(table.get('OpenAI') ?? [])).toBeGreaterThan(0.9);
    // Half are closer; the rest have thinking, caches and tools of the provider in them.
    for (const family of ['Claude, tools', 'Gemini, tools', 'Nova, tools', 'Mistral, tools', 'Llama, tools']) {
      expect(errorWithin(table.get(family) ?? [], 0.5), family).toBeLessThan(0.3);
    }
  });

  test('answers of each family of models', () => {
    const table = answers();
    print('answer', table);
    expect(errorWithin(table.get('OpenAI') ?? [], 0.9)).toBeLessThan(0.05);
    for (const [family, model] of ESTIMATED) {
      expect(errorWithin(table.get(family) ?? [], 0.9), family).toBeLessThan(tokenizerOf(model).band);
    }
  });
});
