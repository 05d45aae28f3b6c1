import { describe, expect, test } from 'vitest';
import { VERSION } from '../../src/util/version.ts';
import { otelLangfuse } from './otel-langfuse.ts';

describe('otel-langfuse', () => {
  test('--version', async () => {
    expect(await otelLangfuse(['--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  test.each([[[]], [['--help']], [['-h']]])('%j lists the commands', async (words) => {
    const { code, stdout } = await otelLangfuse(words);
    expect(code).toBe(0);
    for (const command of ['report', 'count', 'estimate', 'spool status', 'spool drain', 'spool verify']) {
      expect(stdout).toMatch(new RegExp(`^  ${command} +\\w`, 'm'));
    }
  });

  test.each([
    [
      ['report', '--help'],
      ['--by LIST', '--since TIME', '--until TIME', '--spool DIR', '--json', '--csv'],
    ],
    [
      ['spool', 'status', '--help'],
      ['--spool DIR', '--json'],
    ],
    [
      ['spool', 'drain', '-h'],
      ['--all', '--spool DIR', '--json'],
    ],
    [
      ['spool', 'verify', '--spool', 'x', '--help'],
      ['--spool DIR', '--json'],
    ],
  ])('%j describes the options', async (words, options) => {
    const { code, stdout } = await otelLangfuse(words);
    expect(code).toBe(0);
    expect(stdout.match(/^ {2}--\w+( [A-Z]+)?/gm)?.map((line) => line.trim())).toEqual(options);
  });

  test.each([
    [['reprot'], 'there is no command `reprot`: did you mean `report`?'],
    [['spool'], '`spool` needs to know what to do: spool status, spool drain, spool verify'],
    [['spool', 'drian'], 'there is no command `spool drian`: did you mean `spool drain`?'],
    [
      ['--json', 'report'],
      'a command comes before options: report, cost, prices, count, estimate, gateway, proxy, spool status',
    ],
    [['report', '--sinse', '7d'], '`report` has no option --sinse: did you mean --since?'],
    [['report', '-j'], '`report` has no option -j'],
    [['report', 'today'], '`report` takes no argument `today`'],
    [['report', '--since'], '--since needs a value: --since TIME'],
    [['report', '--json=yes'], '--json takes no value'],
    [['report', '--since', 'monday'], '--since `monday` is no time: write a date'],
    [['report', '--by', 'model,usr'], '--by has no table `usr`: did you mean user?'],
    [['report', '--json', '--csv'], '--json and --csv exclude each other'],
  ])('%j makes no sense: it says what to write instead', async (words, message) => {
    const { code, stdout, stderr } = await otelLangfuse(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`otel-langfuse: ${message}`);
    expect(stderr).toContain('See `otel-langfuse --help`.');
  });
});
