import { spawn } from 'node:child_process';

export interface ProcessResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs Node with these arguments until it ends, with no environment but the given one and PATH. */
export async function runNode(
  parameters: readonly string[],
  { env = {}, cwd, timeout = 20_000 }: { env?: NodeJS.ProcessEnv; cwd?: string; timeout?: number } = {},
): Promise<ProcessResult> {
  const child = spawn(process.execPath, parameters, { cwd, env: { PATH: process.env['PATH'], ...env }, timeout });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
