import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Collector to test with; empty where there is none. */
    otelcol: string;
    /** Whether programs in Go can be run. */
    go: boolean;
  }
}

const ROOT = path.join(import.meta.dirname, '../..');

/** Where Go is, the Collector of the manifest is built (once); elsewhere one on the PATH will do. */
export default function setup({ provide }: TestProject): void {
  const go = onPath('go') !== undefined;
  const script = path.join(ROOT, 'scripts/build-collector.mjs');
  const otelcol = go
    ? execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
    : (onPath('otelcol-contrib') ?? onPath('otelcol') ?? '');
  if (!otelcol)
    console.warn('SKIPPED: neither Go nor otelcol-contrib nor otelcol is here, so no Collector can be tested');
  provide('otelcol', otelcol);
  provide('go', go);
}

function onPath(command: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, command)).find((file) => existsSync(file));
}
