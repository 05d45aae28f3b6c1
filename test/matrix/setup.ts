import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { CELLS } from './cells.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** What the apps of the suites are made of. */
const APPS = ['test/apps', 'test/behaviour', 'test/matrix/apps', 'test/real-clients/apps'];
/** Clients that ask for Node 22 run on 20, which is what is to be shown. */
const QUIETLY = ['--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error'];

/** Installs the Nodes, once, and apps in folders of their own that have the package as npm would publish it now. */
export default function setup({ provide }: TestProject): () => void {
  const directory = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-matrix-'));
  const tarball = pack(directory);
  const lines = [...new Set(CELLS.map(({ otel }) => otel))];
  const folders = Object.fromEntries(
    lines.map((otel) => [otel, installApps(path.join(directory, otel), otel, tarball)]),
  );
  provide('matrix', { nodes: installNodes(), folders });
  return () => rmSync(directory, { recursive: true, force: true });
}

function pack(directory: string): string {
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory];
  const [packed] = JSON.parse(npm(ROOT, words)) as { filename: string }[];
  return path.join(directory, packed?.filename ?? '');
}

/** Their dependencies are as locked; those of the package as npm chooses them today, as for any user. */
function installApps(folder: string, otel: string, tarball: string): string {
  cpSync(path.join(import.meta.dirname, otel), folder, { recursive: true });
  npm(folder, ['ci', ...QUIETLY]);
  npm(folder, ['install', '--no-save', '--no-package-lock', tarball, ...QUIETLY]);
  for (const apps of APPS) cpSync(path.join(ROOT, apps), path.join(folder, apps), { recursive: true });
  return folder;
}

/** They are some 150 MB each, and so stay where they are. */
function installNodes(): Record<string, string> {
  const folder = path.join(import.meta.dirname, 'nodes');
  const modules = path.join(folder, 'node_modules');
  const stamp = path.join(modules, '.installed-from');
  const lock = createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    npm(folder, ['ci', ...QUIETLY]);
    writeFileSync(stamp, lock);
  }
  const files = CELLS.map(({ node }) => [node, path.join(modules, node, 'bin', 'node')] as const);
  // npm leaves out what is for another platform.
  return Object.fromEntries(files.filter(([, file]) => existsSync(file)));
}

function npm(folder: string, words: readonly string[]): string {
  return execFileSync('npm', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
