// Shows the main job offline: two apps with real clients under the preload, against a local stand-in for the providers,
// then the report. Checks that the report is the bill, and exits with 1 if it is not.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startStandInProvider } from '../../test/support/stand-in-provider.mjs';
import { answers, bill, choose } from './answers.mjs';

const here = import.meta.dirname;
const cli = path.join(here, '../../dist/cli/main.js');
const bold = (text) => (process.stdout.isTTY && process.stdout.hasColors() ? `\u001B[1m${text}\u001B[22m` : text);

const provider = await startStandInProvider({ answers, choose });
const spool = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-demo-'));
// Nothing of the caller's own settings: no key, so nothing leaves this machine.
const { PATH, HOME, USERPROFILE, SystemRoot, TERM, NO_COLOR } = process.env;
const env = {
  ...Object.fromEntries(
    Object.entries({ PATH, HOME, USERPROFILE, SystemRoot, TERM, NO_COLOR }).filter(([, value]) => value !== undefined),
  ),
  OPENAI_API_KEY: 'none',
  OPENAI_BASE_URL: `${provider.url}/v1`,
  ANTHROPIC_API_KEY: 'none',
  ANTHROPIC_BASE_URL: provider.url,
  OTEL_LANGFUSE_SPOOL_DIR: spool,
};

/** Runs `node` as one would type it, its output indented below. */
async function run(words, shown = ['node', ...words]) {
  console.log(`\n${bold(`$ ${shown.join(' ')}`)}`);
  const child = spawn(process.execPath, words, { cwd: here, env, stdio: 'inherit' });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${shown.join(' ')} ended with ${code}`);
}

/** What the report says, in the terms of the bill. */
async function reported() {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'report', '--json'], { env });
  const { calls, tokens, costUsd } = JSON.parse(stdout).total;
  const { total: _, ...groups } = tokens;
  return { calls, ...groups, nanodollars: Math.round(Number(costUsd) * 1e9) };
}

try {
  console.log(`OpenAI and Anthropic are played by ${provider.url} here: no network, no account, no key.`);
  console.log('Two apps call them with the real clients. They only say whose calls these are; one flag does the rest.');

  await run(['--require', 'otel-langfuse/register', 'app.cjs']);
  await run(['--import', 'otel-langfuse/register', 'app.mjs']);
  await run([cli, 'report'], ['npx', 'otel-langfuse', 'report']);

  const [expected, actual] = [bill(provider.requests), await reported()];
  const wrong = Object.keys(expected).filter((name) => actual[name] !== expected[name]);
  if (wrong.length > 0) {
    console.error('\nThe report is not the bill:');
    for (const name of wrong) console.error(`  ${name}: billed ${expected[name]}, reported ${actual[name]}`);
    process.exitCode = 1;
  } else {
    const dollars = (expected.nanodollars / 1e9).toFixed(9);
    console.log(
      `\nChecked: that is what the providers billed, to the token and the last digit: $${dollars} for ${expected.calls} calls.`,
    );
    console.log(`
To see it in Langfuse, with inputs, outputs and timing, set these before the same command:

  export LANGFUSE_PUBLIC_KEY=pk-lf-...
  export LANGFUSE_SECRET_KEY=sk-lf-...
  export LANGFUSE_BASE_URL=https://cloud.langfuse.com   # or yours`);
  }
} finally {
  await provider.close();
  rmSync(spool, { recursive: true, force: true });
}
