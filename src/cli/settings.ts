import { statSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config/config.ts';
import { readEnvironment } from '../config/environment.ts';
import { CommandError, type CommandOption, type Terminal } from './command.ts';

/** Every command that looks at the spool takes it. */
export const SPOOL_OPTION: CommandOption & { type: 'string' } = {
  type: 'string',
  value: 'DIR',
  help: 'the spool to look at (default: OTEL_LANGFUSE_SPOOL_DIR, else that of this user)',
};

/**
 * The configuration of the environment, with the spool that the command line names. Bad values are told of.
 * @throws {CommandError} if a spool is named and there is none.
 */
export function readSettings(spool: string | undefined, terminal: Terminal): Config {
  const { config, problems } = readEnvironment();
  for (const { message } of problems) terminal.say(message);
  if (spool === undefined) return config;
  const directory = path.resolve(spool);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandError(
      `there is no spool in ${directory}: name the directory that the app has as OTEL_LANGFUSE_SPOOL_DIR`,
    );
  }
  return { ...config, spool: { ...config.spool, directory } };
}
