import { beforeAll, describe, expect, test } from 'vitest';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import { readSpool } from '../../src/delivery/read-spool.ts';
import { ensureClients } from '../support/ensure-clients.ts';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import { runNode } from '../support/run-process.ts';
import { CERTIFICATE, startSessionServer } from '../support/session-server.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { placeApp } from './place-app.ts';

const PRELOAD = ['--require', 'otel-langfuse/register'];
/** Node has a global `WebSocket` since version 22; 20 has it behind a flag. */
const FLAGS = typeof WebSocket === 'undefined' ? ['--experimental-websocket', '--no-warnings'] : [];

interface Run extends AppRun {
  received: Record<string, unknown[]>;
}

async function run(flags: readonly string[]): Promise<Run> {
  const file = placeApp('websockets.mjs');
  const server = await startSessionServer(ensureClients());
  try {
    const app = await runAppProcess(file, {
      flags,
      environment: { REALTIME_URL: server.url, NODE_EXTRA_CA_CERTS: CERTIFICATE },
    });
    return { ...app, received: server.received };
  } finally {
    await server.close();
  }
}

/** What each turn costs, in buckets that add up to what the stand-in bills. */
const REALTIME = {
  input: 55,
  input_cached_tokens: 64,
  input_audio_tokens: 13,
  output: 30,
  output_audio_tokens: 91,
  total: 253,
};
const TRANSCRIPTION = { input: 0, input_audio_tokens: 13, output: 9, total: 22 };
const RESPONSES = { input: 37, output: 16, output_reasoning_tokens: 64, total: 117 };
const LIVE = { input: 357, input_audio_tokens: 165, output: 0, output_audio_tokens: 42, total: 564 };

/** By session in the order of the app: the error of the connection, and what its turns cost. */
const EXPECTED: readonly (readonly [provider: string, error: string | undefined, turns: readonly unknown[]])[] = [
  ['openai', undefined, [REALTIME, REALTIME]],
  ['openai', undefined, [REALTIME, REALTIME, REALTIME]],
  ['openai', undefined, [TRANSCRIPTION, REALTIME]],
  ['openai', '403', []],
  ['openai', '1006', [undefined]],
  ['openai', undefined, [REALTIME]],
  ['openai', '4001', [undefined]],
  ['gcp.gemini', undefined, [LIVE]],
  ['openai', undefined, [REALTIME, REALTIME]],
  ['openai', '403', []],
  ['gcp.gemini', undefined, [LIVE]],
  ['openai', undefined, [REALTIME]],
  ['openai', undefined, [REALTIME, REALTIME]],
  ['gcp.gemini', undefined, [LIVE]],
  ['openai', undefined, [REALTIME, REALTIME]],
  ['openai', undefined, [RESPONSES, RESPONSES]],
];

describe('WebSockets of ws, openai and the platform', () => {
  let before: Run;
  let after: Run;
  beforeAll(async () => {
    before = await run(FLAGS);
    after = await run([...FLAGS, ...PRELOAD]);
  }, 150_000);

  test('behave as before, on both sides', () => {
    expect(before.exit, before.stderr).toEqual({ code: 0, signal: null });
    expect(after.exit, after.stderr).toEqual({ code: 0, signal: null });
    expect(Object.keys(before.scenarios)).toHaveLength(EXPECTED.length + 1);
    expect(after.scenarios).toEqual(before.scenarios);
    expect(after.events).toEqual([]);
    expect(after.received).toEqual(before.received);
    expect(after.stderr).toEqual(before.stderr);
  });

  test('each session is a span without usage of its own, each turn one below it with the tokens that were billed', () => {
    const sessions = after.spans.filter(isSession).toSorted(byStart);
    const found = sessions.map((session) => [
      session.attributes['gen_ai.provider.name'],
      session.attributes['error.type'],
      turnsOf(session, after).map(usageOf),
    ]);
    expect(found).toEqual(EXPECTED);
    expect(sessions.map(usageOf)).toEqual(sessions.map(() => ({ total: 0 })));
    expect(after.spans).toHaveLength(EXPECTED.flatMap(([, , turns]) => turns).length + EXPECTED.length);
  });

  test('a turn is within its session', () => {
    for (const session of after.spans.filter(isSession)) {
      for (const turn of turnsOf(session, after)) {
        const times = [
          session.startTimeUnixNano,
          turn.startTimeUnixNano,
          turn.endTimeUnixNano,
          session.endTimeUnixNano,
        ];
        // The SDK sets the clock of every span anew, to the millisecond.
        for (const [index, time] of times.slice(1).entries())
          expect(BigInt(time) - BigInt(times[index] ?? 0)).toBeGreaterThan(-2_000_000n);
      }
    }
  });

  test('a turn has what was said, and of audio only its size', () => {
    const texts = after.spans.map(({ attributes }) => String(attributes['langfuse.observation.output']));
    const spoken = texts.find((text) => text.includes('Hello there.'));
    expect(spoken).toContain('[audio/pcm, 48000 bytes, 1.0 s]');
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(1000);
    const heard = after.spans.find(({ attributes }) => attributes['gen_ai.response.id'] === 'resp_speech_1');
    expect(heard?.attributes['langfuse.observation.input']).toContain('Say a number.');
    expect(heard?.attributes['langfuse.observation.input']).toContain('[audio/pcm, 9600 bytes, 0.2 s]');
  });

  test('a turn belongs to whom the app asked for', () => {
    const users = after.spans.map(({ attributes }) => attributes['user.id'] ?? attributes['langfuse.user.id']);
    expect(users.filter((user) => user !== undefined)).toEqual(['ada', 'grace']);
  });
});

test('the end of the process ends the session and the turn under way', { timeout: 60_000 }, async () => {
  const spool = temporaryDirectory();
  const server = await startSessionServer(ensureClients());
  const { code, stderr } = await runNode([...FLAGS, ...PRELOAD, placeApp('websockets.mjs')], {
    cwd: ensureClients(),
    env: {
      HOME: spool,
      REALTIME_URL: server.url,
      NODE_EXTRA_CA_CERTS: CERTIFICATE,
      EXIT_DURING: 'a turn',
      OTEL_LANGFUSE_SPOOL_DIR: spool,
      OTEL_LANGFUSE_LOG_LEVEL: 'silent',
    },
  });
  await server.close();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const records: string[] = [];
  for await (const { record } of readSpool(spool)) records.push(record);
  expect(records).toHaveLength(2);
  const [turn, session] = records;
  expect(turn).toContain('"chat gpt-realtime-2025-08-28"');
  expect(turn).toContain('Number 1.');
  expect(turn).toContain('stream-incomplete');
  expect(session).toContain('"realtime_session gpt-realtime-2025-08-28"');
});

function isSession({ name }: ReceivedSpan): boolean {
  return name.startsWith('realtime_session');
}

function turnsOf({ spanId }: ReceivedSpan, { spans }: Run): ReceivedSpan[] {
  return spans.filter(({ parentSpanId }) => parentSpanId === spanId).toSorted(byStart);
}

function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano));
}

function usageOf({ attributes }: ReceivedSpan): unknown {
  const usage = attributes['langfuse.observation.usage_details'];
  return usage === undefined ? undefined : JSON.parse(String(usage));
}
