import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CONFIGURATIONS, otelcol, validate } from './collector.ts';

const MANIFEST = 'builder.yaml';
const files = readdirSync(CONFIGURATIONS).filter((file) => file.endsWith('.yaml') && file !== MANIFEST);

function read(file: string): Record<string, Record<string, unknown>> {
  return parse(readFileSync(path.join(CONFIGURATIONS, file), 'utf8')) as Record<string, Record<string, unknown>>;
}

const KINDS = ['receivers', 'processors', 'exporters', 'extensions'] as const;

describe.skipIf(!otelcol)('the Collector', () => {
  test.each(files)('finds nothing wrong with %s', async (file) => {
    expect(await validate(file)).toBe('');
  });
});

describe('the manifest', () => {
  test.each(KINDS)('holds exactly the %s that the files use', (kind) => {
    const modules = Object.values(read(MANIFEST)[kind] ?? {}) as { gomod: string }[];
    const built = modules.map(({ gomod }) =>
      path.basename(gomod.split(' ')[0] ?? '').replace(/(receiver|processor|exporter|extension)$/, ''),
    );
    const used = files.flatMap((file) =>
      Object.keys(read(file)[kind] ?? {}).map((id) => id.split('/')[0]?.replaceAll('_', '')),
    );
    expect(built.toSorted()).toEqual([...new Set(used)].toSorted());
  });
});
