import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installExitHandlers } from '../../src/delivery/exit.ts';
import { readSpool, spoolStatus } from '../../src/delivery/read-spool.ts';
import { ACCEPT, type LangfuseSink, startSink } from '../support/langfuse-sink.ts';
import { spanIds, spanRecord } from '../support/spans.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const APP = path.join(import.meta.dirname, 'ending-app.mjs');
const IDS = spanIds(40);

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
  milliseconds: number;
}

const ended = async (app: ChildProcess): Promise<Ended> => {
  const from = Date.now();
  let stderr = '';
  app.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const [code, signal] = (await once(app, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stderr, milliseconds: Date.now() - from };
};

/** The app says when its calls have ended. */
const ready = async (app: ChildProcess): Promise<void> => void (await once(app.stdout!, 'data'));

describe('the end of a process', () => {
  let sink: LangfuseSink;
  let directory: string;

  beforeEach(async () => {
    sink = await startSink();
    directory = temporaryDirectory();
  });
  afterEach(() => sink.close());

  const start = (
    ending: string,
    { keys = true, ids = IDS, lifetimeMs = 0, durability = 'batch' } = {},
  ): ChildProcess => {
    const destination = keys && { baseUrl: sink.baseUrl, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' };
    const settings = {
      ...(destination && { destination }),
      directory,
      record: spanRecord('SPAN_ID'),
      ids,
      lifetimeMs,
      durability,
    };
    return spawn(process.execPath, [APP, ending, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const spooled = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { record } of readSpool(directory)) ids.push(/"spanId":"(\w+)"/.exec(record)?.[1] ?? '');
    return ids;
  };
  /** What arrived and what lies on disk for the next process: everything, nothing of it twice. */
  const expectAllOnce = async (ids: readonly string[] = IDS): Promise<void> => {
    expect([...sink.accepted, ...(await spooled())].toSorted()).toEqual(ids.toSorted());
  };

  test('with nothing left to do everything is delivered, once, and nothing stays', async () => {
    const { code, signal, milliseconds } = await ended(start('natural end'));
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(sink.accepted).toEqual(IDS);
    expect(spoolStatus(directory)[0]).toMatchObject({ bytes: 0, processes: { living: 0, dead: 0 } });
    expect(milliseconds).toBeLessThan(2000);
  });

  test('with nothing left to do and a server that hangs, the process ends within the time', async () => {
    sink.answer = () => 'hang';
    const { code, milliseconds } = await ended(start('natural end'));
    expect(code).toBe(0);
    expect(milliseconds).toBeLessThan(3500);
    expect(await spooled()).toEqual(IDS);
  });

  test.each([
    ['process.exit', 3],
    ['uncaught exception', 1],
    ['unhandled rejection', 1],
  ])('%s: everything is on disk, the exit code is the own one', async (ending, expected) => {
    const { code, stderr } = await ended(start(ending));
    expect(code).toBe(expected);
    expect(stderr.includes('the app failed')).toBe(expected === 1);
    expect(await spooled()).toEqual(IDS);
    await expectAllOnce();
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s: flushes, then ends by the same signal', async (name) => {
    const app = start('waits for a signal');
    await ready(app);
    app.kill(name);
    const { code, signal } = await ended(app);
    expect({ code, signal }).toEqual({ code: null, signal: name });
    expect(sink.accepted).toEqual(IDS);
    expect(await spooled()).toEqual([]);
  });

  test('a signal and a server that hangs: the process ends within the time', async () => {
    sink.answer = () => 'hang';
    const app = start('waits for a signal');
    await ready(app);
    app.kill('SIGTERM');
    const { signal, milliseconds } = await ended(app);
    expect(signal).toBe('SIGTERM');
    expect(milliseconds).toBeLessThan(3000);
    expect(await spooled()).toEqual(IDS);
  });

  test('a second signal ends a process that is flushing at once, and loses nothing', async () => {
    sink.answer = () => 'hang';
    const app = start('waits for a signal');
    await ready(app);
    app.kill('SIGINT');
    await expect.poll(() => sink.requests.length).toBe(1);
    app.kill('SIGINT');
    const { signal, milliseconds } = await ended(app);
    expect(signal).toBe('SIGINT');
    expect(milliseconds).toBeLessThan(1000);
    expect(await spooled()).toEqual(IDS);
  });

  test.each(['handles the signal', 'handles the signal once', 'listened to the signal before'])(
    'an app that %s keeps its say',
    async (ending) => {
      const app = start(ending);
      await ready(app);
      app.kill('SIGTERM');
      const { code } = await ended(app);
      expect(code).toBe(7);
      await expectAllOnce();
    },
  );

  test('a library that ends the process only if nobody else listens still does', async () => {
    const app = start('ends by a library if nobody else listens');
    await ready(app);
    app.kill('SIGTERM');
    const { signal } = await ended(app);
    expect(signal).toBe('SIGTERM');
    await expectAllOnce();
  });

  test('an app that outlives a signal is served at the next one', async () => {
    const app = start('outlives the first signal');
    await ready(app);
    app.kill('SIGTERM');
    await new Promise((resolve) => void setTimeout(resolve, 200));
    app.kill('SIGINT');
    expect((await ended(app)).code).toBe(0);
    await expectAllOnce([...IDS, ...IDS.map((id) => id.replace('0', 'f'))]);
  });

  test('kill -9: the next process adopts and delivers', async () => {
    sink.answer = () => ({ status: 503 });
    const app = start('appended, then waits');
    await ready(app);
    app.kill('SIGKILL');
    await ended(app);
    expect(spoolStatus(directory)[0]?.processes).toEqual({ living: 0, dead: 1 });
    sink.answer = () => ACCEPT;
    await ended(start('natural end', { ids: spanIds(5, 100) }));
    await expectAllOnce([...IDS, ...spanIds(5, 100)]);
    expect(sink.accepted).toHaveLength(45);
    expect(spoolStatus(directory)[0]?.processes).toEqual({ living: 0, dead: 0 });
  });

  test('durability span: what was taken survives kill -9 at any moment', async () => {
    sink.answer = () => ({ status: 503 });
    const app = start('takes records until it is killed', { ids: spanIds(2000), durability: 'span' });
    let output = '';
    app.stdout?.on('data', (chunk) => (output += String(chunk)));
    await ready(app);
    await new Promise((resolve) => void setTimeout(resolve, 50 + Math.random() * 200));
    app.kill('SIGKILL');
    await ended(app);
    const taken = output.split('\n').length - 1;
    sink.answer = () => ACCEPT;
    await ended(start('natural end', { ids: [] }));
    expect(taken).toBeGreaterThan(10);
    // One more may have been written and not said.
    expect([taken, taken + 1]).toContain(sink.accepted.length);
    expect(sink.accepted).toEqual(spanIds(sink.accepted.length));
  });

  test('of two processes that start together one adopts', async () => {
    sink.answer = () => ({ status: 503 });
    const app = start('appended, then waits');
    await ready(app);
    app.kill('SIGKILL');
    await ended(app);
    sink.answer = () => ACCEPT;
    const heirs = [1, 2, 3].map(() => start('lives for a while', { ids: [], lifetimeMs: 1500 }));
    await Promise.all(heirs.map(ended));
    expect(sink.accepted.toSorted()).toEqual(IDS);
  });

  test('without keys everything stays on disk, run after run', async () => {
    await ended(start('natural end', { keys: false }));
    await ended(start('process.exit', { keys: false, ids: spanIds(5, 100) }));
    expect((await spooled()).toSorted()).toEqual([...IDS, ...spanIds(5, 100)].toSorted());
    await ended(start('natural end', { ids: [] }));
    await expectAllOnce([...IDS, ...spanIds(5, 100)]);
    expect(sink.accepted).toHaveLength(45);
  });

  test('an idle delivery does not keep a process', async () => {
    expect((await ended(start('natural end', { ids: [] }))).milliseconds).toBeLessThan(1500);
    expect((await ended(start('lives for a while', { lifetimeMs: 10 }))).milliseconds).toBeLessThan(1500);
  });

  test('uninstalled means gone', async () => {
    const before = ['exit', 'beforeExit', 'SIGTERM', 'SIGINT'].map((event) => process.listenerCount(event));
    const uninstall = [installExitHandlers([]), installExitHandlers([])];
    expect(process.listenerCount('SIGTERM')).toBe(1);
    uninstall[0]?.();
    expect(process.listenerCount('SIGTERM')).toBe(1);
    uninstall[1]?.();
    expect(['exit', 'beforeExit', 'SIGTERM', 'SIGINT'].map((event) => process.listenerCount(event))).toEqual(before);
    const app = start('uninstalled, then waits');
    await ready(app);
    app.kill('SIGTERM');
    expect((await ended(app)).signal).toBe('SIGTERM');
    expect(sink.accepted).toEqual([]);
  });
});
