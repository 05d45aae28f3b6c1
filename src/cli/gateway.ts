import { GATEWAY_VARIABLES } from '../config/server-variables.ts';
import { type Command, defineCommand } from './command.ts';
import { serve, serverConfig, SERVER_OPTIONS } from './server-process.ts';

export const gateway: Command = defineCommand({
  name: 'gateway',
  summary: 'an OTLP/HTTP receiver: LLM spans of any service and language go to Langfuse, counted once and priced',
  details: `Takes /v1/traces and, for what was said in calls, /v1/logs, as protobuf or JSON. Langfuse's address and keys come
from LANGFUSE_BASE_URL, LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, or of several projects from the file. A request is
answered when its spans would survive a crash. It is also the LANGFUSE_BASEURL of apps with the langfuse 3.x package: what
they trace comes as spans, and what they read, below /api/public/, is asked of Langfuse. Each option is also
OTEL_LANGFUSE_GATEWAY_..., such as OTEL_LANGFUSE_GATEWAY_PORT, those of the spool are OTEL_LANGFUSE_SPOOL_DIR, _MAX_MB and
_MAX_DAYS and OTEL_LANGFUSE_DURABILITY, and OTEL_LANGFUSE_GATEWAY_TOKEN is what clients are to send as bearer token;
Langfuse's SDKs send their keys instead.
/healthz, /readyz and /metrics say how it is. SIGTERM and SIGINT end it when what it has begun is done.`,
  options: {
    config: { type: 'string', value: 'FILE', help: 'YAML: projects, routes, limits and all of these options' },
    port: { type: 'string', value: 'PORT', help: 'default: 4318' },
    ...SERVER_OPTIONS,
    'spool-directory': { type: 'string', value: 'DIR', help: 'where spans wait for Langfuse' },
    'spool-megabytes': { type: 'string', value: 'MB', help: 'how much may wait of each project (default: 10240)' },
    'spool-days': { type: 'string', value: 'DAYS', help: 'how long it may wait (default: 30)' },
    durability: { type: 'string', value: 'HOW', help: 'fsync: on disk before the answer (default), or memory' },
    'pass-on': {
      type: 'string',
      value: 'URL,...',
      repeats: true,
      help: 'other OTLP endpoints that get what comes, untouched',
    },
  },
  async run(flags, terminal) {
    // Loaded only now: no other command needs a server or protobuf.
    const { parseGatewayConfig } = await import('../config/gateway-config.ts');
    const { startGateway } = await import('../gateway/server.ts');
    const config = await serverConfig(GATEWAY_VARIABLES, parseGatewayConfig, flags);
    await serve('gateway', terminal, () => startGateway(config));
    return 0;
  },
});
