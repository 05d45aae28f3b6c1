import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = path.join(import.meta.dirname, '..', 'src');
const MAX_LINES = 300;
/** Generated data has no reader. */
const GENERATED = new Set(['cost/catalog-data.ts']);

/**
 * Which folder may import which: lower stages never import higher ones, and `instrumentation` and `exporter` never
 * meet. Files directly in `src/` put the stages together and may import all of them.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  model: [],
  util: ['model'],
  config: ['model', 'util'],
  context: ['model', 'util'],
  wire: ['model', 'util'],
  'provider-usage': ['model', 'util'],
  protocol: ['model', 'util', 'provider-usage'],
  semconv: ['model', 'util', 'provider-usage'],
  instrumentation: ['model', 'util', 'config', 'context', 'wire', 'protocol', 'semconv', 'tokens'],
  dialect: ['model', 'util', 'provider-usage', 'semconv'],
  usage: ['model', 'util'],
  cost: ['model', 'util', 'provider-usage', 'protocol', 'usage'],
  tokens: ['model', 'util'],
  langfuse: ['model', 'util', 'semconv'],
  network: ['util', 'config'],
  delivery: ['model', 'util', 'config', 'network'],
  exporter: [
    'model',
    'util',
    'config',
    'context',
    'semconv',
    'dialect',
    'usage',
    'cost',
    'langfuse',
    'delivery',
    'refresh',
  ],
  server: [],
  gateway: [
    'model',
    'util',
    'config',
    'provider-usage',
    'semconv',
    'dialect',
    'usage',
    'cost',
    'langfuse',
    'exporter',
    'delivery',
    'network',
    'refresh',
    'server',
  ],
  // Makes calls as any app does, and so is traced as any app is: by the hooks, of which it knows nothing.
  proxy: ['util', 'context', 'network', 'protocol', 'server'],
  refresh: ['util', 'cost', 'network'],
  report: ['model', 'util', 'config', 'delivery', 'langfuse'],
  cli: [
    'model',
    'util',
    'config',
    'delivery',
    'report',
    'cost',
    'tokens',
    'exporter',
    'gateway',
    'proxy',
    'register.ts',
  ],
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(path.sep).join('/'));

describe('architecture', () => {
  test.each(files)('%s imports only what its stage may', (file) => {
    const text = readFileSync(path.join(SRC, file), 'utf8');
    const folder = file.includes('/') ? (file.split('/')[0] ?? '') : undefined;
    if (folder === undefined) return;
    const allowed = MAY_IMPORT[folder];
    expect(allowed, `folder ${folder} is in the table`).toBeDefined();
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
      const targetFolder = target.split('/')[0] ?? '';
      const permitted = targetFolder === folder || (allowed ?? []).includes(targetFolder);
      expect(permitted, `${file} imports ${target}`).toBe(true);
    }
  });

  test.each(files.filter((file) => !GENERATED.has(file)))('%s is short enough to read', (file) => {
    const lines = readFileSync(path.join(SRC, file), 'utf8').split('\n').length;
    expect(lines).toBeLessThanOrEqual(MAX_LINES);
  });

  test('only config reads the environment', () => {
    const readers = files.filter((file) => readFileSync(path.join(SRC, file), 'utf8').includes('process.env'));
    expect(readers.filter((file) => !file.startsWith('config/'))).toEqual([]);
  });

  test('files have kebab-case names and no default exports', () => {
    expect(files.filter((file) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*\.ts$/.test(file))).toEqual([]);
    expect(files.filter((file) => /^export default/m.test(readFileSync(path.join(SRC, file), 'utf8')))).toEqual([]);
  });
});
