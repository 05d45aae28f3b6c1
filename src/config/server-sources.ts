import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse as parseText } from 'yaml';
import type { ParsedConfig, Surroundings } from './server-fields.ts';
import type { ServerVariables } from './server-variables.ts';

/** The configuration cannot be used: every fault with what said it and its path there. */
export class ServerConfigError extends Error {
  override readonly name = 'ServerConfigError';
}

/** Aliases of YAML: a few lines of them can stand for more than fits in memory. */
const MAX_ALIASES = 100;

/**
 * Reads the configuration of a server from flags, environment variables and a YAML file, in this order of precedence.
 * Unlike an app, a server does not start with a setting that makes no sense.
 * @param flags by name without dashes; `config` names the file.
 * @throws {ServerConfigError}
 */
export function readServerConfig<T>(
  variables: ServerVariables,
  parse: (said: unknown, surroundings: Surroundings) => ParsedConfig<T>,
  flags: Readonly<Record<string, string | undefined>>,
  env: NodeJS.ProcessEnv = process.env,
): T {
  const file = flags['config'] ?? (env[variables.file]?.trim() || undefined);
  const said = file === undefined ? {} : readFile(file);
  /** What says a setting if it is not the file, by path. */
  const sources = new Map<string, string>();
  for (const { path: keys, flag, variable, toFile } of variables.settings) {
    const fromVariable = env[variable]?.trim() || undefined;
    const text = flags[flag] ?? fromVariable;
    if (text === undefined) continue;
    set(said, keys, toFile?.(text) ?? text);
    sources.set(keys.join('.'), flags[flag] === undefined ? variable : `--${flag}`);
  }
  if (env[variables.token]?.trim()) said['token'] ??= { environment: variables.token };
  const folder = file === undefined ? '.' : path.dirname(file);
  const parsed = parse(said, { env, folder: path.resolve(folder) });
  if ('config' in parsed) return parsed.config;
  const lines = parsed.faults.map(({ path: where, message }) => {
    const [, source = file] = [...sources].find(([keys]) => where === keys || where.startsWith(`${keys}.`)) ?? [];
    return [source, where, message].filter(Boolean).join(': ');
  });
  throw new ServerConfigError(lines.join('\n'));
}

function readFile(file: string): Record<string, unknown> {
  const content = parseYaml(file);
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new ServerConfigError(`${file}: write settings, such as port: 4318`);
  return content as Record<string, unknown>;
}

function parseYaml(file: string): unknown {
  try {
    return parseText(readFileSync(file, 'utf8'), { maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ServerConfigError(`${file}: ${code?.startsWith('E') ? `cannot be read (${code})` : message}`);
  }
}

/** Sets what is at a path, and leaves what is beside it. */
function set(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = target[key];
  target[key] = typeof inner === 'object' && inner !== null ? inner : {};
  set(target[key] as Record<string, unknown>, rest, value);
}
