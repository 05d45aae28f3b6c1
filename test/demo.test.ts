import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';

const demo = path.join(import.meta.dirname, '../examples/demo/run.mjs');

describe('the demo', () => {
  test('runs offline, shows the report and where to go from there', () => {
    // Keys of whoever runs it change nothing: they are not given to the apps.
    const env = { ...process.env, LANGFUSE_PUBLIC_KEY: 'pk-lf-own', LANGFUSE_SECRET_KEY: 'sk-lf-own', NO_COLOR: '1' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [demo], { encoding: 'utf8', env, timeout: 30_000 });
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('$ node --require otel-langfuse/register app.cjs');
    expect(stdout).toContain('$ node --import otel-langfuse/register app.mjs');
    expect(stdout).toContain('8 calls, 47,275 tokens, $0.090104 ');
    const row = (name: string): string[] | undefined =>
      new RegExp(`^${name} .*$`, 'm').exec(stdout)?.[0].trim().split(/ +/).slice(1);
    expect(row('claude-sonnet-4-6')).toEqual(['2', '31', '18,240', '18,240', '38', '391', '$0.080400']);
    expect(row('gpt-4o-mini-2024-07-18')).toEqual(['4', '3,182', '6,144', '0', '58', '0', '$0.000973']);
    expect(row('ada')).toEqual(['3', '2,643', '2,048', '0', '46', '832', '$0.009088']);
    expect(row('reports')).toEqual(['3', '72', '18,240', '18,240', '71', '391', '$0.080606']);
    expect(stdout).toContain('$0.090103900 for 8 calls');
    expect(stdout).toContain('export LANGFUSE_PUBLIC_KEY=');
  });

  test('fails if the report is not the bill', () => {
    // One output token less is read from what the report prints.
    const script = `
      const { parse } = JSON;
      JSON.parse = (text) => {
        const value = parse(text);
        if (value?.total?.costUsd) value.total.tokens.output--;
        return value;
      };
      await import(${JSON.stringify(pathToFileURL(demo).href)});`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(status).toBe(1);
    expect(stderr).toContain('The report is not the bill:');
    expect(stderr).toContain('output: billed 146, reported 145');
  });
});
