// Compiles src/ to dist/ when something is newer than the last build: `npm test` and `npm run demo` both call it.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const stamp = path.join(root, 'dist', '.built');

/** Newest modification time below a file or folder. */
function newest(entry) {
  const stats = statSync(entry);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const times = readdirSync(entry).map((name) => newest(path.join(entry, name)));
  return Math.max(stats.mtimeMs, ...times);
}

const sources = ['src', 'tsconfig.json', 'package.json', 'package-lock.json', 'scripts/build.mjs'].map((name) =>
  path.join(root, name),
);
if (!existsSync(stamp) || Math.max(...sources.map(newest)) > statSync(stamp).mtimeMs) {
  // Beside the old one until it is whole: somebody may be running from it.
  const fresh = path.join(root, `dist.${process.pid}`);
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json');
  try {
    execFileSync(process.execPath, [path.join(path.dirname(tsc), 'bin/tsc'), '-p', root, '--outDir', fresh], {
      stdio: 'inherit',
    });
  } catch {
    // The compiler has said what is wrong.
    rmSync(fresh, { recursive: true, force: true });
    process.exit(1);
  }
  chmodSync(path.join(fresh, 'cli/main.js'), 0o755);
  writeFileSync(path.join(fresh, '.built'), '');
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  renameSync(fresh, path.join(root, 'dist'));
}
