import { spawnSync } from 'node:child_process';
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

const BUILD = path.join(import.meta.dirname, '../../scripts/build-collector.mjs');
/** The exit code of the build where Go has nowhere to download from. */
const NO_DOWNLOAD = 2;

/**
 * Where Go is, and its module proxy can be reached, the Collector of the manifest is built (once); elsewhere one on the
 * PATH will do.
 */
export default function setup({ provide }: TestProject): void {
  const built = onPath('go') === undefined ? undefined : build();
  const otelcol = built ?? onPath('otelcol-contrib') ?? onPath('otelcol') ?? '';
  if (!otelcol)
    console.warn(
      'SKIPPED: neither Go with a module proxy nor otelcol-contrib nor otelcol is here: no Collector is tested',
    );
  provide('otelcol', otelcol);
  provide('go', built !== undefined);
}

/** @throws if the Collector of the manifest cannot be built of what is downloaded. */
function build(): string | undefined {
  const { status, stdout } = spawnSync(process.execPath, [BUILD], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === NO_DOWNLOAD) return undefined;
  if (status !== 0) throw new Error('the Collector of collector-config/builder.yaml cannot be built');
  return stdout.trim();
}

function onPath(command: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, command)).find((file) => existsSync(file));
}
