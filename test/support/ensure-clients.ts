import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..', '..');
const CLIENTS = path.join(ROOT, 'test', 'clients');

/**
 * Installs the client libraries of `test/clients` if its lock file changed since the last time, and beside them, as
 * npm would from the published files, the package as it is built now. Not for two test files at the same time.
 * @returns the folder an app is to be in to use them
 */
export function ensureClients(): string {
  const modules = path.join(CLIENTS, 'node_modules');
  const stamp = path.join(modules, '.installed-from');
  const lock = createHash('sha256')
    .update(readFileSync(path.join(CLIENTS, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    // openai 7 asks for Node 22 and runs on 20, which is what is to be shown.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error'];
    execFileSync('npm', ['ci', ...flags], { cwd: CLIENTS, stdio: ['ignore', 'ignore', 'inherit'] });
    writeFileSync(stamp, lock);
  }
  const installed = path.join(modules, 'otel-langfuse');
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed);
  for (const published of ['package.json', 'dist']) {
    cpSync(path.join(ROOT, published), path.join(installed, published), { recursive: true });
  }
  return CLIENTS;
}
