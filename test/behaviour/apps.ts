import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** A client library as `test/clients` installs it. */
export interface Client {
  title: string;
  module: string;
  family: 'openai' | 'anthropic';
  /** Whether it makes a span a call by itself, with whatever tracer provider is registered. */
  tracesNatively: boolean;
  environment?: Record<string, string>;
}

const anthropic0 = { title: '@anthropic-ai/sdk 0', module: 'anthropic0', family: 'anthropic' } as const;

export const CLIENTS: readonly Client[] = [
  { title: 'openai 4', module: 'openai4', family: 'openai', tracesNatively: false },
  { title: 'openai 6', module: 'openai6', family: 'openai', tracesNatively: false },
  { title: 'openai 7', module: 'openai7', family: 'openai', tracesNatively: false },
  { ...anthropic0, tracesNatively: true },
  // As all versions were before they had spans of their own.
  {
    ...anthropic0,
    title: '@anthropic-ai/sdk 0 without its own spans',
    tracesNatively: false,
    environment: { ANTHROPIC_OPEN_TELEMETRY: 'false' },
  },
  { title: '@anthropic-ai/sdk 1', module: 'anthropic1', family: 'anthropic', tracesNatively: true },
];

/** The same app in each way Node loads code. */
export const VARIANTS = ['cjs', 'esm', 'dynamic import', 'worker', 'bundle'] as const;
export type Variant = (typeof VARIANTS)[number];

const RUN_APP = '../../behaviour/run-app.mjs';

/**
 * Writes an app into a folder of `test/clients`, where its imports resolve as in a real app.
 * @returns the file to start
 */
export async function writeApp(clientsDirectory: string, client: Client, variant: Variant): Promise<string> {
  const directory = path.join(clientsDirectory, 'apps');
  const file = (ending: string): string =>
    path.join(directory, `${client.module}-${variant.replace(' ', '-')}${ending}`);
  switch (variant) {
    case 'esm':
      return write(file('.mjs'), importing(client));
    case 'cjs':
      return write(file('.cjs'), requiring(client));
    case 'dynamic import':
      return write(file('.mjs'), importingLate(client));
    case 'worker': {
      const inside = path.basename(write(file('.inside.mjs'), importing(client)));
      const startWorker = `new Worker(new URL('${inside}', import.meta.url));`;
      return write(file('.mjs'), `import { Worker } from 'node:worker_threads';\n${startWorker}\n`);
    }
    case 'bundle': {
      return bundle(importing(client), file('.cjs'));
    }
  }
}

/** Writes an app that starts an OpenTelemetry SDK of its own; in a bundle that is a copy of the API of its own, too. */
export async function writeOwnSdkApp(clientsDirectory: string, variant: 'esm' | 'bundle'): Promise<string> {
  const file = path.join(clientsDirectory, 'apps', 'own-sdk');
  const text = [
    `import { trace } from '@opentelemetry/api';`,
    `import { NodeSDK } from '@opentelemetry/sdk-node';`,
    `import { runOwnSdkApp } from '../../behaviour/run-own-sdk-app.mjs';`,
    `runOwnSdkApp({ NodeSDK, trace });\n`,
  ].join('\n');
  return variant === 'esm' ? write(`${file}.mjs`, text) : bundle(text, `${file}.cjs`);
}

async function bundle(contents: string, outfile: string): Promise<string> {
  const stdin = { contents, resolveDir: path.dirname(outfile) };
  await build({ stdin, outfile, bundle: true, minify: true, platform: 'node', format: 'cjs', logLevel: 'warning' });
  return outfile;
}

function write(file: string, text: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** What an app imports, by the name it has in the app. */
function modules({ module, family }: Client): [local: string, specifier: string][] {
  return [
    ['client', module],
    ['helpers', `${module}/helpers/zod`],
    ['zod', family === 'openai' ? 'zod' : 'zod/v4'],
    ['api', '@opentelemetry/api'],
  ];
}

function start({ family }: Client): string {
  return `runApp({ family: '${family}', module: client, helpers, zod, trace: api.trace });\n`;
}

function importing(client: Client): string {
  const imports = modules(client).map(([local, specifier]) => `import * as ${local} from '${specifier}';\n`);
  return `${imports.join('')}import { runApp } from '${RUN_APP}';\n${start(client)}`;
}

function importingLate(client: Client): string {
  const imports = modules(client).map(([local, specifier]) => `const ${local} = await import('${specifier}');\n`);
  return `const { runApp } = await import('${RUN_APP}');\n${imports.join('')}${start(client)}`;
}

function requiring(client: Client): string {
  const requires = modules(client).map(([local, specifier]) => `const ${local} = require('${specifier}');\n`);
  return `${requires.join('')}import('${RUN_APP}').then(({ runApp }) => ${start(client).replace(';\n', '')});\n`;
}
