/**
 * Captures the spans of the Vercel AI SDK, version 7, through its OpenTelemetry integration, as it is and with all it
 * can add. A case is named after the answer it gets.
 *
 *     npm ci --ignore-scripts --prefix test/dialects/vercel-ai-7 && node test/dialects/vercel-ai-7/capture.mjs
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { OpenTelemetry } from '@ai-sdk/otel';
import { embedMany, generateText, isStepCount, Output, streamText, tool } from 'ai';
import { z } from 'zod';
import { recordFixtures } from '../record-fixtures.mjs';

const prompt = 'What is the weather in Paris?';
const tools = {
  get_weather: tool({
    description: 'Looks it up.',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => ({ city, degrees: 22 }),
  }),
  get_time: tool({
    description: 'Looks it up.',
    inputSchema: z.object({ zone: z.string() }),
    execute: async () => {
      throw new Error('no such zone');
    },
  }),
};

await recordFixtures('vercel-ai-7', (provider, url) => {
  const tracer = provider.getTracer('gen_ai');
  const telemetry = (options = {}) => ({
    maxRetries: 0,
    telemetry: { functionId: 'weather', integrations: [new OpenTelemetry({ tracer, ...options })] },
  });
  const everything = {
    maxRetries: 0,
    runtimeContext: { userId: 'ada', sessionId: 'chat-17', tags: ['beta', 'web'], account: { plan: 'pro' } },
    telemetry: {
      functionId: 'weather',
      includeRuntimeContext: { userId: true, sessionId: true, tags: true, account: true },
      integrations: [
        new OpenTelemetry({
          tracer,
          usage: true,
          providerMetadata: true,
          embedding: true,
          reranking: true,
          runtimeContext: true,
          headers: true,
          toolChoice: true,
          schema: true,
        }),
      ],
    },
  };
  /** Each call gets the next of the answers. */
  const connect = (create, answers) => {
    const left = [...answers];
    const next = (input, init) => {
      const headers = new Headers(init.headers);
      headers.set('x-stand-in', left.shift());
      return fetch(input, { ...init, headers });
    };
    return create({ apiKey: 'sk-test', baseURL: `${url}/v1`, fetch: next });
  };
  const openai = (...answers) => connect(createOpenAI, answers);
  const anthropic = (...answers) => connect(createAnthropic, answers);
  return {
    agent: () =>
      generateText({
        model: openai('tools', 'cached').chat('gpt-4o-mini'),
        instructions: 'Be brief.',
        prompt,
        tools,
        stopWhen: isStepCount(5),
        temperature: 0.2,
        ...telemetry(),
      }),
    stream: () => streamText({ model: openai('reasoning')('gpt-5'), prompt, ...telemetry() }).consumeStream(),
    'cache-write': () => generateText({ model: anthropic('cache-write')('claude-sonnet-4-5'), prompt, ...everything }),
    'openai-all': () =>
      generateText({ model: openai('reasoning')('gpt-5'), prompt, toolChoice: 'auto', tools, ...everything }),
    structured: () =>
      generateText({
        model: openai('structured').chat('gpt-4o-mini'),
        output: Output.object({ schema: z.object({ city: z.string(), degrees: z.number() }) }),
        prompt,
        ...everything,
      }),
    failed: () => generateText({ model: openai('error-429').chat('gpt-4o-mini'), prompt, ...telemetry() }),
    embeddings: () =>
      embedMany({
        model: openai('plain').embedding('text-embedding-3-small'),
        values: ['Paris', 'Rome'],
        ...everything,
      }),
  };
});
