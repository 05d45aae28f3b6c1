import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

const settings = (text: string): string[] =>
  [...new Set(text.match(/\b(LANGFUSE|OTEL_LANGFUSE|OTEL_INSTRUMENTATION)_[A-Z_]+\b/g))].toSorted();

describe('the README', () => {
  const readme = read('README.md');

  test('names every setting, and no other', () => {
    const named = settings(readme.slice(readme.indexOf('## Configuration'), readme.indexOf('## How it compares')));
    // The prefix of unknown settings, which are reported, is not one.
    expect(named).toEqual(settings(read('src/config/environment.ts')).filter((name) => !name.endsWith('_')));
  });

  test('imports only what the package exports', async () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
    const imports = [...readme.matchAll(/import \{ ([\w, ]+) \} from 'otel-langfuse(\/\w+)?'/g)];
    expect(imports.length).toBeGreaterThan(3);
    for (const [, names = '', entry = ''] of imports) {
      expect(Object.keys(exports)).toContain(`.${entry}`);
      const module = (await import(/* @vite-ignore */ path.join(ROOT, 'src', entry, 'index.ts'))) as object;
      expect(Object.keys(module)).toEqual(expect.arrayContaining(names.split(', ')));
    }
  });

  test('links to files that exist', () => {
    for (const [, target = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      expect(() => read(target)).not.toThrow(/ENOENT/);
  });
});
