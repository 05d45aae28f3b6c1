/**
 * Captures the spans of the Vercel AI SDK, versions 4 to 6, as fixtures. A case is named after the answer it gets.
 *
 *     npm ci --prefix test/dialects/vercel-ai && node test/dialects/vercel-ai/capture.mjs
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createAmazonBedrock } from 'ai6-amazon-bedrock';
import { createGoogleGenerativeAI } from 'ai6-google';
import * as ai4 from 'ai4';
import * as ai4Anthropic from 'ai4-anthropic';
import * as ai4Openai from 'ai4-openai';
import * as ai5 from 'ai5';
import * as ai5Anthropic from 'ai5-anthropic';
import * as ai5Openai from 'ai5-openai';
import * as ai6 from 'ai6';
import * as ai6Anthropic from 'ai6-anthropic';
import * as ai6Openai from 'ai6-openai';
import { z } from 'zod';
import { recordFixtures } from '../record-fixtures.mjs';

const WIRE = path.join(import.meta.dirname, '..', '..', 'fixtures', 'wire');
const PROMPT = 'What is the weather in Paris?';

await recordFixtures('vercel-ai', (provider, url) => {
  const common = {
    maxRetries: 0,
    experimental_telemetry: {
      isEnabled: true,
      functionId: 'weather',
      metadata: { userId: 'ada', sessionId: 'chat-17', tags: ['beta', 'web'], plan: 'pro' },
      tracer: provider.getTracer('ai'),
    },
  };
  const connect = (create) => (answer) =>
    create({ apiKey: 'sk-test', baseURL: `${url}/v1`, headers: { 'x-stand-in': answer } });
  const cases = (ai, openai, anthropic) => ({
    'openai-cached': () =>
      ai.generateText({
        model: openai('cached').chat('gpt-4o-mini'),
        system: 'Be brief.',
        prompt: PROMPT,
        temperature: 0.2,
        seed: 7,
        ...common,
      }),
    'openai-reasoning': () =>
      ai.generateText({ model: openai('reasoning').responses('gpt-5'), prompt: PROMPT, ...common }),
    'openai-tools': () =>
      ai.generateText({ model: openai('tools').chat('gpt-4o-mini'), prompt: PROMPT, tools: tools(ai), ...common }),
    'openai-structured': () =>
      ai.generateObject({
        model: openai('structured').chat('gpt-4o-mini'),
        mode: 'json', // ai 4 would ask for a call of a tool
        schema: z.object({ city: z.string(), degrees: z.number() }),
        prompt: PROMPT,
        ...common,
      }),
    'openai-failed': () =>
      ai.generateText({ model: openai('error-429').chat('gpt-4o-mini'), prompt: PROMPT, ...common }),
    'openai-embeddings': () => {
      const create = openai('plain');
      const model = (create.embeddingModel ?? create.textEmbeddingModel)('text-embedding-3-small');
      return ai.embedMany({ model, values: ['Paris', 'Rome'], ...common });
    },
    'anthropic-cached': () =>
      ai.generateText({ model: anthropic('cached')('claude-sonnet-4-5'), messages: conversation(ai), ...common }),
    'anthropic-cache-write': () =>
      ai
        .streamText({ model: anthropic('cache-write')('claude-sonnet-4-5'), prompt: PROMPT, ...common })
        .consumeStream(),
  });
  const google = createGoogleGenerativeAI({ apiKey: 'test', fetch: answerWith('gcp.gemini.generate_content/tools') });
  const bedrock = createAmazonBedrock({
    apiKey: 'test',
    region: 'eu-west-1',
    fetch: answerWith('aws.bedrock.converse/tools'),
  });
  return {
    ...prefixed('ai4', cases(ai4, connect(ai4Openai.createOpenAI), connect(ai4Anthropic.createAnthropic))),
    ...prefixed('ai5', cases(ai5, connect(ai5Openai.createOpenAI), connect(ai5Anthropic.createAnthropic))),
    ...prefixed('ai6', cases(ai6, connect(ai6Openai.createOpenAI), connect(ai6Anthropic.createAnthropic))),
    'ai6-google': () => ai6.generateText({ model: google('gemini-3-flash-preview'), prompt: PROMPT, ...common }),
    'ai6-bedrock': () =>
      ai6.generateText({ model: bedrock('eu.anthropic.claude-sonnet-4-5-20250929-v1:0'), prompt: PROMPT, ...common }),
  };
});

function prefixed(prefix, cases) {
  return Object.fromEntries(Object.entries(cases).map(([name, run]) => [`${prefix}-${name}`, run]));
}

/** A provider that the stand-in does not play answers with one of its responses. */
function answerWith(response) {
  const body = readFileSync(path.join(WIRE, `${response}.response.json`));
  return async () => new Response(body, { headers: { 'content-type': 'application/json' } });
}

/** ai 4 asks for `parameters`, its successors for `inputSchema`. */
function tools({ tool }) {
  const define = (shape, execute) =>
    tool({ description: 'Looks it up.', parameters: z.object(shape), inputSchema: z.object(shape), execute });
  return {
    get_weather: define({ city: z.string() }, async () => ({ degrees: 22 })),
    get_time: define({ zone: z.string() }, async () => '12:00'),
  };
}

/** With an image, and a tool that was called. */
function conversation(ai) {
  const isFormer = ai === ai4;
  const call = { type: 'tool-call', toolCallId: 'call_1', toolName: 'get_weather' };
  const result = { type: 'tool-result', toolCallId: 'call_1', toolName: 'get_weather' };
  return [
    {
      role: 'user',
      content: [
        { type: 'text', text: PROMPT },
        { type: 'image', image: Buffer.from('89504e470d0a1a0a', 'hex') },
      ],
    },
    { role: 'assistant', content: [{ ...call, [isFormer ? 'args' : 'input']: { city: 'Paris' } }] },
    {
      role: 'tool',
      content: [
        {
          ...result,
          ...(isFormer ? { result: { degrees: 22 } } : { output: { type: 'json', value: { degrees: 22 } } }),
        },
      ],
    },
  ];
}
