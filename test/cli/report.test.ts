import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { callRecord } from '../report/call-record.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { leaveRecords, otelLangfuse } from './otel-langfuse.ts';

const RECORDS = [
  { model: 'gpt-5', usage: { input: 9, output: 1, total: 10 }, cost: '0.000000001', user: 'Lovelace, "Ada"' },
  { model: 'gpt-5', usage: { input: 9, output: 1, total: 10 }, cost: '0.5', at: '2026-03-20T00:00:00Z' },
].map(callRecord);

async function spool(): Promise<string> {
  const directory = temporaryDirectory();
  await leaveRecords(directory, RECORDS);
  return directory;
}

test('prints tables of the spool that the environment names', async () => {
  const { code, stdout } = await otelLangfuse(['report'], { env: { OTEL_LANGFUSE_SPOOL_DIR: await spool() } });
  expect(code).toBe(0);
  expect(stdout).toContain('2 calls, 20 tokens, $0.500000 from 2026-03-14 to 2026-03-20 (UTC)');
  expect(stdout).toMatch(/^model +calls.*\ngpt-5 +2 /m);
  expect(stdout, 'not a terminal').not.toContain('\u001B');
});

test('--json is exact', async () => {
  const directory = await spool();
  const { code, stdout } = await otelLangfuse(['report', '--spool', directory, '--json', '--by', 'user,model']);
  expect(code).toBe(0);
  const one = {
    calls: 1,
    errors: 0,
    unpriced: 0,
    tokens: { input: 9, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0, total: 10 },
  };
  const both = {
    ...one,
    calls: 2,
    tokens: { ...one.tokens, input: 18, output: 2, total: 20 },
    costUsd: '0.500000001',
  };
  expect(JSON.parse(stdout)).toEqual({
    spool: directory,
    days: { first: '2026-03-14', last: '2026-03-20' },
    total: both,
    by: {
      user: [
        { key: null, ...one, costUsd: '0.5' },
        { key: 'Lovelace, "Ada"', ...one, costUsd: '0.000000001' },
      ],
      model: [{ key: 'gpt-5', ...both }],
    },
    unreadable: 0,
  });
});

test('--csv quotes what needs it', async () => {
  const { stdout } = await otelLangfuse(['report', '--spool', await spool(), '--csv', '--by', 'user']);
  expect(stdout.split('\r\n')).toEqual([
    'by,key,calls,errors,unpriced,input_tokens,cache_read_tokens,cache_write_tokens,output_tokens,reasoning_tokens,total_tokens,cost_usd',
    'user,,1,0,0,9,0,0,1,0,10,0.5',
    'user,"Lovelace, ""Ada""",1,0,0,9,0,0,1,0,10,0.000000001',
    '',
  ]);
});

test('--since and --until take the calls of that time', async () => {
  const directory = await spool();
  const calls = async (...words: string[]): Promise<number> => {
    const { stdout } = await otelLangfuse(['report', '--spool', directory, '--json', ...words]);
    return JSON.parse(stdout).total.calls;
  };
  expect(await calls('--since', '2026-03-15')).toBe(1);
  expect(await calls('--until', '2026-03-14')).toBe(1);
  expect(await calls('--since', '2026-03-14', '--until', '2026-03-20')).toBe(2);
});

test('without calls it says how to get some', async () => {
  const directory = temporaryDirectory();
  const empty = await otelLangfuse(['report', '--spool', directory]);
  expect(empty.code).toBe(0);
  expect(empty.stdout).toContain(`No LLM calls in ${directory}.`);
  expect(empty.stdout).toContain('node --require otel-langfuse/register app.js');
  const filtered = await otelLangfuse(['report', '--spool', directory, '--since', '1h']);
  expect(filtered.stdout).toContain('Leave out --since');
  const json = await otelLangfuse(['report', '--spool', directory, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ days: null, total: { calls: 0, costUsd: '0' } });
});

test('a spool that is named and not there is an error', async () => {
  const { code, stderr } = await otelLangfuse(['report', '--spool', path.join(temporaryDirectory(), 'no')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/there is no spool in .*no: name the directory/);
});

test('a bad setting is told of, and the default holds', async () => {
  const env = { OTEL_LANGFUSE_SPOOL_MAX_MB: 'much', XDG_STATE_HOME: temporaryDirectory() };
  const { code, stderr } = await otelLangfuse(['report'], { env });
  expect(code).toBe(0);
  expect(stderr).toContain('OTEL_LANGFUSE_SPOOL_MAX_MB="much" is not valid');
});

test('a reader that has seen enough is no error', async () => {
  const directory = temporaryDirectory();
  const user = 'u'.repeat(200);
  await leaveRecords(
    directory,
    Array.from({ length: 2000 }, (_, index) => callRecord({ user: `${user}${index}` })),
  );
  const main = path.join(import.meta.dirname, '../../dist/cli/main.js');
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', `"${process.execPath}" "${main}" report --csv --spool "${directory}" | head -n 1`],
    { encoding: 'utf8' },
  );
  expect(stdout).toMatch(/^by,key/);
  expect(stderr).toBe('');
});
