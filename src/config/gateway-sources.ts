import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { type GatewayConfig, parseGatewayConfig } from './gateway-config.ts';
import { GATEWAY_FILE_VARIABLE, GATEWAY_SETTINGS, GATEWAY_TOKEN_VARIABLE } from './gateway-variables.ts';

/** The configuration cannot be used: every fault with what said it and its path there. */
export class GatewayConfigError extends Error {
  override readonly name = 'GatewayConfigError';
}

/** Aliases of YAML: a few lines of them can stand for more than fits in memory. */
const MAX_ALIASES = 100;

/**
 * Reads the configuration of a gateway from flags, environment variables and a YAML file, in this order of precedence.
 * Unlike an app, a gateway does not start with a setting that makes no sense.
 * @param flags by name without dashes; `config` names the file.
 * @throws {GatewayConfigError}
 */
export function readGatewayConfig(
  flags: Readonly<Record<string, string | undefined>>,
  env: NodeJS.ProcessEnv = process.env,
): GatewayConfig {
  const file = flags['config'] ?? (env[GATEWAY_FILE_VARIABLE]?.trim() || undefined);
  const said = file === undefined ? {} : readFile(file);
  /** What says a setting if it is not the file, by path. */
  const sources = new Map<string, string>();
  for (const { path: keys, flag, variable, toFile } of GATEWAY_SETTINGS) {
    const fromVariable = env[variable]?.trim() || undefined;
    const text = flags[flag] ?? fromVariable;
    if (text === undefined) continue;
    set(said, keys, toFile?.(text) ?? text);
    sources.set(keys.join('.'), flags[flag] === undefined ? variable : `--${flag}`);
  }
  if (env[GATEWAY_TOKEN_VARIABLE]?.trim()) said['token'] ??= { environment: GATEWAY_TOKEN_VARIABLE };
  const folder = file === undefined ? '.' : path.dirname(file);
  const parsed = parseGatewayConfig(said, { env, folder: path.resolve(folder) });
  if ('config' in parsed) return parsed.config;
  const lines = parsed.faults.map(({ path: where, message }) => {
    const [, source = file] = [...sources].find(([keys]) => where === keys || where.startsWith(`${keys}.`)) ?? [];
    return [source, where, message].filter(Boolean).join(': ');
  });
  throw new GatewayConfigError(lines.join('\n'));
}

function readFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new GatewayConfigError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw new GatewayConfigError(`${file}: ${fault.message}`);
  const content: unknown = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new GatewayConfigError(`${file}: write settings, such as port: 4318`);
  return content as Record<string, unknown>;
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
