import { type ParsedConfig, type Surroundings } from '../config/server-fields.ts';
import type { ServerVariables } from '../config/server-variables.ts';
import { notify, setDiagnosticWriter } from '../util/diagnostics.ts';
import { CommandError, type CommandOption, type Terminal, UsageError } from './command.ts';

/** A server that a command runs until it is told to stop. */
interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What every server of ours can be told on the command line. */
export const SERVER_OPTIONS: Record<
  'host' | 'token-file' | 'tls-certificate' | 'tls-key',
  CommandOption & { type: 'string' }
> = {
  host: { type: 'string', value: 'HOST', help: 'where to listen (default: 127.0.0.1); any other needs a token' },
  'token-file': { type: 'string', value: 'FILE', help: 'holds what clients are to send as token' },
  'tls-certificate': { type: 'string', value: 'FILE', help: 'certificate chain in PEM; with --tls-key' },
  'tls-key': { type: 'string', value: 'FILE', help: 'private key in PEM' },
};

/** The configuration of a server. @throws {UsageError} with every fault. */
export async function serverConfig<T>(
  variables: ServerVariables,
  parse: (said: unknown, surroundings: Surroundings) => ParsedConfig<T>,
  flags: Readonly<Record<string, string | undefined>>,
): Promise<T> {
  // Loaded only now: no other command needs YAML.
  const { readServerConfig, ServerConfigError } = await import('../config/server-sources.ts');
  try {
    return readServerConfig(variables, parse, flags);
  } catch (error) {
    throw error instanceof ServerConfigError ? new UsageError(error.message) : error;
  }
}

/** Starts a server, says so, and closes it at SIGTERM or SIGINT; a second signal ends it at once. */
export async function serve(
  name: string,
  { interactive }: Terminal,
  start: () => Promise<RunningServer>,
): Promise<void> {
  if (!interactive) logAsJson();
  const running = await starting(name, start);
  notify('info', name, `the ${name} listens on ${running.url}`);
  const signal = await endOfProcess();
  notify('info', `${name}-stop`, `${signal}: the ${name} stops`);
  await running.close();
}

async function starting(name: string, start: () => Promise<RunningServer>): Promise<RunningServer> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new CommandError(`the ${name} cannot start: ${message}`);
  }
}

/** Who runs it in a terminal reads lines; what collects logs reads JSON. */
function logAsJson(): void {
  setDiagnosticWriter(({ severity, kind, text }) => {
    const line = { time: new Date().toISOString(), level: severity, kind, message: text };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  });
}

const END_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

function endOfProcess(): Promise<string> {
  return new Promise((resolve) => {
    const end = (signal: string): void => {
      // With none of them listened to, the next one ends the process.
      for (const each of END_SIGNALS) process.off(each, end);
      resolve(signal);
    };
    for (const signal of END_SIGNALS) process.on(signal, end);
  });
}
