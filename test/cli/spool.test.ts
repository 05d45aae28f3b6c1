import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scanRecords } from '../../src/delivery/record.ts';
import { destinationName, listSegments } from '../../src/delivery/spool-layout.ts';
import { type LangfuseSink, startSink } from '../support/langfuse-sink.ts';
import { spanIds, spanRecord } from '../support/spans.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { leaveRecords, otelLangfuse } from './otel-langfuse.ts';

const records = (count: number, from = 1): string[] => spanIds(count, from).map((id) => spanRecord(id));
/** Where the records of an app lie that ran without keys in another directory. */
const ELSEWHERE = 'local-0123456789ab';

async function sinkWithKeys(
  answer?: LangfuseSink['answer'],
): Promise<{ sink: LangfuseSink; env: Record<string, string> }> {
  const sink = await startSink(answer);
  onTestFinished(() => sink.close());
  const env = {
    LANGFUSE_BASE_URL: sink.baseUrl,
    LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
    LANGFUSE_SECRET_KEY: 'sk-lf-1',
  };
  return { sink, env };
}

describe('spool status', () => {
  test('says what lies where', async () => {
    const directory = temporaryDirectory();
    await leaveRecords(directory, records(3), { folder: ELSEWHERE });
    const { code, stdout } = await otelLangfuse(['spool', 'status', '--spool', directory]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^destination +spans +size +running +ended +oldest +refused +damaged$/m);
    expect(stdout).toMatch(/^local-0123456789ab +3 +0\.1 MB +0 +1 +[\d-]+ [\d:]+ +0 MB +0 MB$/m);
    const json = await otelLangfuse(['spool', 'status', '--spool', directory, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      spool: directory,
      destinations: [{ destination: ELSEWHERE, spans: 3, processes: { living: 0, dead: 1 }, quarantinedBytes: 0 }],
    });
  });

  test('of nothing', async () => {
    const directory = temporaryDirectory();
    const { code, stdout } = await otelLangfuse(['spool', 'status', '--spool', directory]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `Nothing in ${directory}.\n` });
  });
});

describe('spool verify', () => {
  test('finds damage and changes nothing', async () => {
    const directory = temporaryDirectory();
    const [segment] = listSegments(await leaveRecords(directory, records(5)));
    const { code, stdout } = await otelLangfuse(['spool', 'verify', '--spool', directory]);
    expect(code).toBe(0);
    expect(stdout).toContain('5 spans intact in 1 segment of');

    const bytes = readFileSync(segment?.path ?? '');
    bytes.write('damage', 100);
    writeFileSync(segment?.path ?? '', bytes);
    const damaged = await otelLangfuse(['spool', 'verify', '--spool', directory, '--json']);
    expect(damaged.code).toBe(1);
    expect(JSON.parse(damaged.stdout)).toMatchObject({ segments: 1, records: 4, damaged: [{ path: segment?.path }] });
    expect(readFileSync(segment?.path ?? '').equals(bytes)).toBe(true);
  });
});

describe('spool drain', () => {
  test('delivers what was left for the project and, without keys, in this directory', async () => {
    const directory = temporaryDirectory();
    const { sink, env } = await sinkWithKeys();
    const destination = { baseUrl: sink.baseUrl, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' };
    await leaveRecords(directory, records(200), { folder: destinationName(destination) });
    await leaveRecords(directory, records(50, 201));
    await leaveRecords(directory, records(7, 251), { folder: ELSEWHERE });

    const { code, stdout, stderr } = await otelLangfuse(['spool', 'drain', '--spool', directory], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `250 spans delivered to ${sink.baseUrl}\n` });
    expect(stderr).toContain('--all delivers theirs');
    expect(sink.accepted.toSorted()).toEqual(spanIds(250));

    const all = await otelLangfuse(['spool', 'drain', '--all', '--json', '--spool', directory], { env });
    expect(all.code).toBe(0);
    expect(JSON.parse(all.stdout)).toMatchObject({ complete: true, accepted: 7, delivered: 7, spooled: 0, dropped: 0 });
    expect(sink.accepted.toSorted()).toEqual(spanIds(257));
    expect(readdirSync(path.join(directory, ELSEWHERE))).toEqual([]);
  });

  test('keeps what Langfuse does not take, and says so', async () => {
    const directory = temporaryDirectory();
    await leaveRecords(directory, records(3));
    const { env } = await sinkWithKeys(() => ({ status: 401 }));
    const { code, stderr } = await otelLangfuse(['spool', 'drain', '--spool', directory], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('HTTP 401');
    expect(stderr).toContain(`not everything could be delivered: the rest stays in ${directory}`);
    const { stdout } = await otelLangfuse(['spool', 'verify', '--spool', directory]);
    expect(stdout).toContain('3 spans intact');
  });

  test('needs keys, and says which are missing', async () => {
    const { code, stderr } = await otelLangfuse(['spool', 'drain', '--spool', temporaryDirectory()], {
      env: { LANGFUSE_PUBLIC_KEY: 'pk-lf-1' },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('LANGFUSE_SECRET_KEY not set');
    expect(stderr).not.toContain('LANGFUSE_PUBLIC_KEY');
  });
});

describe('spool export', () => {
  test('writes what is not delivered as lines of OTLP, and takes nothing out', async () => {
    const directory = temporaryDirectory();
    const left = await leaveRecords(directory, records(5));
    const [segment] = listSegments(left);
    const [first] = scanRecords(readFileSync(segment?.path ?? '')).records;
    writeFileSync(path.join(left, 'cursor'), `${segment?.sequence}:${first?.end}\n`);
    for (const _ of ['once', 'again']) {
      const { code, stdout, stderr } = await otelLangfuse(['spool', 'export', '--spool', directory]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: 'otel-langfuse: 4 spans exported\n' });
      const lines = stdout.trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
        records(4, 2).map((record) => ({ resourceSpans: [JSON.parse(record) as unknown] })),
      );
    }
    const all = await otelLangfuse(['spool', 'export', '--all', '--spool', directory]);
    expect(all.stdout.trimEnd().split('\n')).toHaveLength(5);
    const { stdout } = await otelLangfuse(['spool', 'status', '--json', '--spool', directory]);
    expect(JSON.parse(stdout)).toMatchObject({ destinations: [{ spans: 4 }] });
  });
});

describe('spool dead-letters', () => {
  const PROMPT = 'My diagnosis is confidential, please summarise it.';
  const refuse: LangfuseSink['answer'] = () => ({ status: 400, body: { message: `endTime missing in "${PROMPT}"` } });

  test('says what was refused and why, and sends it again', async () => {
    const directory = temporaryDirectory();
    const { sink, env } = await sinkWithKeys(refuse);
    const destination = { baseUrl: sink.baseUrl, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' };
    const bad = spanIds(3).map((id) => spanRecord(id, PROMPT));
    await leaveRecords(directory, bad, { folder: destinationName(destination) });
    const drained = await otelLangfuse(['spool', 'drain', '--spool', directory], { env });
    expect(drained).toMatchObject({ code: 1, stdout: expect.stringContaining('3 spans refused by Langfuse') });

    const listed = await otelLangfuse(['spool', 'dead-letters', '--spool', directory]);
    expect(listed.stdout).toMatch(/^127\.0\.0\.1\S+ +3 +[\d-]+ [\d:]+ +400 +endTime missing in …$/m);
    const json = await otelLangfuse(['spool', 'dead-letters', '--json', '--spool', directory]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      refusals: [{ destination: destinationName(destination), spans: 3, status: 400 }],
    });
    expect(json.stdout).not.toContain('diagnosis');

    const retry = ['spool', 'dead-letters', '--retry', '--spool', directory];
    // Langfuse has not changed its mind.
    expect((await otelLangfuse(retry, { env })).code).toBe(1);
    sink.answer = () => ({ status: 200 });
    expect(await otelLangfuse(retry, { env })).toMatchObject({
      code: 0,
      stdout: `3 spans delivered to ${sink.baseUrl}\n`,
    });
    expect(sink.accepted.toSorted()).toEqual(spanIds(3));
    const { stdout } = await otelLangfuse(['spool', 'dead-letters', '--spool', directory]);
    expect(stdout).toBe(`No dead letters in ${directory}.\n`);
  });
});
