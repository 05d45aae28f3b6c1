import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
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

/** Variables that a file reads. */
function variablesOf(file: string): Set<string> {
  const text = readFileSync(path.join(CONFIGURATIONS, file), 'utf8');
  return new Set(Array.from(text.matchAll(/\$\{env:(\w+)/g), ([, name = '']) => name));
}

interface Container {
  image: string;
  command?: string[];
  args?: string[];
}

/** Containers of an example, with the names of the variables that are set in each. */
function containersOf(file: string): { container: Container; variables: string[] }[] {
  const documents = parseAllDocuments(readFileSync(path.join(CONFIGURATIONS, 'examples', file), 'utf8'), {
    merge: true,
  });
  return documents.flatMap((document) => {
    expect(document.errors).toEqual([]);
    const { services, spec } = document.toJS() as {
      services?: Record<string, Container & { environment: Record<string, string> }>;
      spec?: { template?: { spec: { containers: (Container & { env: { name: string }[] })[] } } };
    };
    return [
      ...Object.values(services ?? {}).map((container) => ({
        container,
        variables: Object.keys(container.environment),
      })),
      ...(spec?.template?.spec.containers ?? []).map((container) => ({
        container,
        variables: container.env.map(({ name }) => name),
      })),
    ];
  });
}

describe.each(['compose.yaml', 'kubernetes.yaml'])('the example %s', (file) => {
  const collectors = containersOf(file).filter(({ container }) => container.image.startsWith('otel/'));

  test('runs gateway.yaml in the version of the manifest, and sets only what it reads', () => {
    expect(collectors.length).toBeGreaterThan(0);
    const known = variablesOf('gateway.yaml');
    for (const { container, variables } of collectors) {
      expect([...(container.command ?? []), ...(container.args ?? [])]).toContain('/etc/otelcol/gateway.yaml');
      expect(container.image.split(':')[1]).toBe(read(MANIFEST)['dist']?.['version']);
      expect(variables.filter((name) => !known.has(name))).toEqual([]);
    }
  });

  test('the gateway listens where the Collector looks for it', () => {
    const gateways = containersOf(file).filter(({ container }) => container.command?.includes('gateway'));
    expect(gateways.length).toBeGreaterThan(0);
    for (const { container } of gateways) {
      const port = container.command?.[container.command.indexOf('--port') + 1];
      const text = readFileSync(path.join(CONFIGURATIONS, 'gateway.yaml'), 'utf8');
      expect(text).toContain(`\${env:GATEWAY_ENDPOINT:-http://127.0.0.1:${port}}`);
    }
  });
});

test('the table of variables names only what the files read', () => {
  const table = readFileSync(path.join(CONFIGURATIONS, 'README.md'), 'utf8');
  const named = Array.from(table.matchAll(/`([A-Z][A-Z0-9_]+)`/g), ([, name = '']) => name);
  const told = new Set(files.flatMap((file) => [...variablesOf(file)]));
  expect(named.filter((name) => !told.has(name))).toEqual([]);
});
