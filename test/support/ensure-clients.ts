import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isInMatrix, PLACE } from './place.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
/** A lock this old was left by a run that was killed. */
const STALE_LOCK_MS = 110_000;

/**
 * Installs the packages of a folder of `test` if its lock file changed since the last time, and beside them, as npm
 * would from the published files, the package as it is built now.
 * @returns the folder an app is to be in to use them
 */
export function ensureClients(name: 'clients' | 'instrumentors' | 'langfuse3' = 'clients'): string {
  if (isInMatrix) return path.join(PLACE.root, 'test', name);
  const folder = path.join(ROOT, 'test', name);
  // Held by the test file that is installing; the others wait.
  const lock = path.join(folder, '.installing');
  takeLock(lock);
  try {
    installClients(folder);
    installPackage(path.join(folder, 'node_modules'));
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
  return folder;
}

function takeLock(lock: string): void {
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch {
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > STALE_LOCK_MS) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

function installClients(folder: string): void {
  const stamp = path.join(folder, 'node_modules', '.installed-from');
  const locked = createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === locked) return;
  // Clients that ask for Node 22 run on 20, which is what is to be shown.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error'];
  execFileSync('npm', ['ci', ...flags], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(stamp, locked);
}

/** The build that is there already is left alone: apps of another test file may be running from it. */
function installPackage(modules: string): void {
  const installed = path.join(modules, 'otel-langfuse');
  const built = statSync(path.join(ROOT, 'dist', '.built')).mtimeMs.toString();
  const stamp = path.join(installed, '.installed-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === built) return;
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed);
  for (const published of ['package.json', 'dist']) {
    cpSync(path.join(ROOT, published), path.join(installed, published), { recursive: true });
  }
  writeFileSync(stamp, built);
}
