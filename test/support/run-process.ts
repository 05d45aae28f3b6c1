import { spawn } from 'node:child_process';
import { PLACE } from './place.ts';

export interface ProcessResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  timeout?: number;
  input?: string;
}

/** Runs Node with these arguments and this standard input until it ends, with no environment but the given one and PATH. */
export async function runNode(
  parameters: readonly string[],
  { env = {}, cwd, timeout = 20_000, input = '' }: RunOptions = {},
): Promise<ProcessResult> {
  const child = spawn(PLACE.node, parameters, { cwd, env: { PATH: process.env['PATH'], ...env }, timeout });
  child.stdin.on('error', () => {}).end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
