import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Gateway } from '../gateway/server.ts';
import { notify, setDiagnosticWriter } from '../util/diagnostics.ts';
import { type Command, CommandError, defineCommand, UsageError } from './command.ts';

export const gateway: Command = defineCommand({
  name: 'gateway',
  summary: 'an OTLP/HTTP receiver: LLM spans of any service and language go to Langfuse, counted once and priced',
  details: `Takes /v1/traces and, for what was said in calls, /v1/logs, as protobuf or JSON. Langfuse's address and keys come
from LANGFUSE_BASE_URL, LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, or of several projects from the file. A request is
answered when its spans would survive a crash. Each option is also OTEL_LANGFUSE_GATEWAY_..., such as
OTEL_LANGFUSE_GATEWAY_PORT, and OTEL_LANGFUSE_GATEWAY_TOKEN is what clients are to send as bearer token.
/healthz, /readyz and /metrics say how it is. SIGTERM and SIGINT end it when what it has begun is done.`,
  options: {
    config: { type: 'string', value: 'FILE', help: 'YAML: projects, routes, limits and all of these options' },
    host: { type: 'string', value: 'HOST', help: 'where to listen (default: 127.0.0.1); any other needs a token' },
    port: { type: 'string', value: 'PORT', help: 'default: 4318' },
    'token-file': { type: 'string', value: 'FILE', help: 'holds what clients are to send as bearer token' },
    'tls-certificate': { type: 'string', value: 'FILE', help: 'certificate chain in PEM; with --tls-key' },
    'tls-key': { type: 'string', value: 'FILE', help: 'private key in PEM' },
    'pass-on': { type: 'string', value: 'URL,...', help: 'other OTLP endpoints that get what comes, untouched' },
  },
  async run(flags, { interactive }) {
    if (!interactive) logAsJson();
    const running = await start(flags);
    notify('info', 'gateway', `the gateway listens on ${running.url}`);
    const signal = await endOfProcess();
    notify('info', 'gateway-stop', `${signal}: the gateway stops`);
    await running.close();
    return 0;
  },
});

/** Loaded only now: no other command needs a server, YAML or protobuf. */
async function start(flags: Readonly<Record<string, string | undefined>>): Promise<Gateway> {
  const { readGatewayConfig, GatewayConfigError } = await import('../config/gateway-sources.ts');
  const { startGateway } = await import('../gateway/server.ts');
  let config: GatewayConfig;
  try {
    config = readGatewayConfig(flags);
  } catch (error) {
    throw error instanceof GatewayConfigError ? new UsageError(error.message) : error;
  }
  try {
    return await startGateway(config);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new CommandError(`the gateway cannot start: ${message}`);
  }
}

/** Who runs it in a terminal reads lines; what collects logs reads JSON. */
function logAsJson(): void {
  setDiagnosticWriter(({ severity, kind, text }) => {
    const line = { time: new Date().toISOString(), level: severity, kind, message: text };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  });
}

/** A second signal ends it at once, as it ends any process. */
function endOfProcess(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}
