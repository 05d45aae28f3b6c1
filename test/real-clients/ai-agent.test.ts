import { beforeAll, describe, expect, test } from 'vitest';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import { expectSameRun } from '../support/expect-same-run.ts';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import { placeApp } from './place-app.ts';

const PRELOAD = ['--require', 'otel-langfuse/register'];

/** What the stand-in bills for its answers. */
const ASKS_FOR_TOOLS = '{"input":180,"output":46,"total":226}';
const PLAIN = '{"input":24,"output":9,"total":33}';
const CACHED = '{"input":46,"input_cached_tokens":3200,"output":8,"total":3254}';
const NONE = '{"total":0}';

/** A run of two steps, in the first of which the tools are used. `inWeather` is what one of them does. */
const twoSteps = (name: string, last: string, inWeather: readonly string[] = []): string[] => [
  `agent invoke_agent ${name} ${NONE}`,
  `  chain step 1 ${NONE}`,
  `    generation chat ${name} ${ASKS_FOR_TOOLS}`,
  `    tool execute_tool get_time ${NONE}`,
  `    tool execute_tool get_weather ${NONE}`,
  ...inWeather.map((line) => `      ${line}`),
  `  chain step 2 ${NONE}`,
  `    generation chat ${name} ${last}`,
];
const inner = ['span lookup', ...twoSteps('inner', PLAIN).map((line) => `  ${line}`)];
const ownSpans = [
  `generation own call ${ASKS_FOR_TOOLS}`,
  `generation own call ${PLAIN}`,
  `tool own tool ${NONE}`,
  `tool own tool ${NONE}`,
];

describe('agents of the AI SDK 7', () => {
  let before: AppRun;
  let after: AppRun;
  let silent: AppRun;
  beforeAll(async () => {
    const app = placeApp('ai-agent.mjs');
    before = await runAppProcess(app);
    after = await runAppProcess(app, { flags: PRELOAD });
    silent = await runAppProcess(app, {
      flags: PRELOAD,
      environment: { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'false' },
    });
  }, 60_000);

  test('behave as before', () => {
    expectSameRun(before, after);
  });

  test.each([
    ['agent', twoSteps('agent', CACHED)],
    ['streamed', twoSteps('streamed', PLAIN)],
    ['nested', twoSteps('nested', PLAIN, inner)],
    ['failed', [`agent invoke_agent failed ${NONE}`, `  chain step 1 ${NONE}`, '    generation chat failed']],
    ['plain', [`generation chat plain ${PLAIN}`]],
    ['own telemetry', ownSpans],
    ['switched off', [`generation chat switched off ${ASKS_FOR_TOOLS}`, `generation chat switched off ${PLAIN}`]],
  ])('%s: every step and tool is a span, and every token is counted once', (scenario, expected) => {
    expect(treesOf(after, scenario)).toEqual(expected);
  });

  test('an agent says what it was asked and what it answered, a tool what it was given and what it gave', () => {
    expect(spanOf('invoke_agent agent')).toMatchObject({
      'langfuse.observation.input':
        '[{"role":"system","content":"Be brief."},{"role":"user","content":"What is the weather in Paris?"}]',
      'langfuse.observation.output': '{"role":"assistant","content":"As the manual says: yes."}',
    });
    expect(spanOf('execute_tool get_weather')).toMatchObject({
      'langfuse.observation.input': '{"city":"Paris"}',
      'langfuse.observation.output': '{"city":"Paris","degrees":22}',
    });
  });

  test('what fails says why', () => {
    const status = 'langfuse.observation.status_message';
    expect(spanOf('execute_tool get_time')[status]).toBe('RangeError: no such zone');
    expect(spanOf('invoke_agent failed')[status]).toMatch(/^AI_APICallError: Rate limit/);
  });

  test('nothing is said where content is switched off', () => {
    expect(silent.spans).toHaveLength(after.spans.length);
    expect(JSON.stringify(silent.spans)).not.toMatch(/Paris|degrees/);
  });

  function spanOf(name: string): ReceivedSpan['attributes'] {
    return after.spans.find((span) => span.name === name)?.attributes ?? {};
  }
});

/** The spans of a scenario as lines, indented below their parents: what Langfuse shows of them. */
function treesOf({ spans }: AppRun, scenario: string): string[] {
  const own = spans.filter(({ attributes }) => attributes['langfuse.trace.name'] === scenario);
  const ids = new Set(own.map(({ spanId }) => spanId));
  const below = (parent: string | undefined): string[] =>
    own
      .filter(({ parentSpanId = '' }) => (parent === undefined ? !ids.has(parentSpanId) : parentSpanId === parent))
      .map((span) => ({ line: lineOf(span), lines: below(span.spanId).map((line) => `  ${line}`) }))
      .toSorted((a, b) => (a.line < b.line ? -1 : 1))
      .flatMap(({ line, lines }) => [line, ...lines]);
  return below(undefined);
}

function lineOf({ name, attributes }: ReceivedSpan): string {
  const { 'langfuse.observation.type': type, 'langfuse.observation.usage_details': usage } = attributes;
  return [type, name, usage].filter((word) => word !== undefined).join(' ');
}
