import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
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
