/** Agents of Vercel's AI SDK 7: with tools, streamed, one inside another, failing, and with telemetry of the app's own. */
import { createOpenAI } from '@ai-sdk/openai';
import { trace } from '@opentelemetry/api';
import { generateText, isStepCount, streamText, tool } from 'ai';
import { withLlmContext } from 'otel-langfuse';
import { z } from 'zod';
import { runScenarios } from '../../behaviour/run-scenarios.mjs';

/** A model whose calls get one of the answers after the other. */
function model(name, ...answers) {
  const left = [...answers];
  const next = (input, init) => {
    const headers = new Headers(init.headers);
    headers.set('x-stand-in', left.shift());
    return fetch(input, { ...init, headers });
  };
  return createOpenAI({ apiKey: 'sk-test', baseURL: `${process.env.STAND_IN_URL}/v1`, fetch: next }).chat(name);
}

const prompt = 'What is the weather in Paris?';
const tools = (getWeather) => ({
  get_weather: tool({ description: 'Weather.', inputSchema: z.object({ city: z.string() }), execute: getWeather }),
  get_time: tool({
    description: 'Time.',
    inputSchema: z.object({ zone: z.string() }),
    execute: async () => {
      throw new RangeError('no such zone');
    },
  }),
});
const degrees = async ({ city }) => ({ city, degrees: 22 });
const common = { prompt, maxRetries: 0, stopWhen: isStepCount(5) };
const inLookup = (work) =>
  trace.getTracer('app').startActiveSpan('lookup', async (span) => {
    const result = await work();
    span.end();
    return result;
  });
/** Telemetry of the app's own, in the way of `@ai-sdk/otel`. */
function ownTelemetry() {
  const tracer = trace.getTracer('app');
  const inSpan = (name, attributes, work) =>
    tracer.startActiveSpan(name, { attributes }, async (span) => {
      try {
        return await work();
      } finally {
        span.end();
      }
    });
  return {
    executeLanguageModelCall: ({ execute }) => inSpan('own call', { 'gen_ai.operation.name': 'chat' }, execute),
    executeTool: ({ execute }) => inSpan('own tool', { 'gen_ai.operation.name': 'execute_tool' }, execute),
  };
}
const named = (functionId) => ({ telemetry: { functionId } });

await runScenarios([
  [
    [
      'agent',
      async (name) => {
        const { text, steps } = await generateText({
          model: model(name, 'tools', 'cached'),
          instructions: 'Be brief.',
          tools: tools(degrees),
          ...common,
          ...named(name),
        });
        return { text, steps: steps.length };
      },
    ],
    [
      'streamed',
      async (name) => {
        const result = streamText({
          model: model(name, 'tools', 'plain'),
          tools: tools(degrees),
          ...common,
          ...named(name),
        });
        let text = '';
        for await (const piece of result.textStream) text += piece;
        return { text, steps: (await result.steps).length };
      },
    ],
    [
      'nested',
      async (name) => {
        const ask = async () =>
          (
            await generateText({
              model: model('inner', 'tools', 'plain'),
              tools: tools(degrees),
              ...common,
              ...named('inner'),
            })
          ).text;
        const { text } = await generateText({
          model: model(name, 'tools', 'plain'),
          tools: tools(() => inLookup(ask)),
          ...common,
          ...named(name),
        });
        return text;
      },
    ],
    [
      'failed',
      (name) => generateText({ model: model(name, 'error-429'), tools: tools(degrees), ...common, ...named(name) }),
    ],
    ['plain', async (name) => (await generateText({ model: model(name, 'plain'), ...common, ...named(name) })).text],
    [
      'own telemetry',
      async (name) =>
        (
          await generateText({
            model: model(name, 'tools', 'plain'),
            tools: tools(degrees),
            ...common,
            telemetry: { functionId: name, integrations: [ownTelemetry()] },
          })
        ).text,
    ],
    [
      'switched off',
      async (name) =>
        (
          await generateText({
            model: model(name, 'tools', 'plain'),
            tools: tools(degrees),
            ...common,
            telemetry: { isEnabled: false },
          })
        ).text,
    ],
  ].map(([name, scenario]) => [name, () => withLlmContext({ traceName: name }, () => scenario(name))]),
]);
