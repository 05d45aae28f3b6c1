import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { PLACE } from './place.ts';

const MAIN = path.join(PLACE.package, 'dist/cli/main.js');

/** A server of the built command line in a process of its own. */
export interface ServerProcess {
  url: string;
  child: ChildProcess;
  /** What it has logged, a message an entry. */
  log: { level: string; kind: string; message: string }[];
  /** The most memory it ever had, in megabytes; `undefined` where the system does not say. */
  peakMegabytes(): number | undefined;
  /** Resolves to its exit status when it has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts it on a free port, with nothing of the caller's settings. It is gone after the test. */
export async function startServerProcess(
  command: 'gateway' | 'proxy',
  env: Record<string, string>,
  parameters: readonly string[] = [],
): Promise<ServerProcess> {
  const child = spawn(PLACE.node, [MAIN, command, '--port', '0', ...parameters], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const log: ServerProcess['log'] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${JSON.stringify(log)}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line.startsWith('{') ? JSON.parse(line) : { level: 'error', kind: '', message: line });
      const [, address] = /listens on (\S+)/.exec(line.replaceAll('"', ' ')) ?? [];
      if (address) resolve(address);
    });
  });
  return {
    url,
    child,
    log,
    peakMegabytes: () => {
      if (process.platform !== 'linux') return undefined;
      const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      return Number(kilobytes) / 1024;
    },
    end: async (signal) => {
      const exit = once(child, 'exit');
      child.kill(signal);
      const [code] = (await exit) as [number | null];
      return code;
    },
  };
}
