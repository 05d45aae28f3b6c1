import { readEnvironment } from '../config/environment.ts';
import { PROXY_VARIABLES } from '../config/server-variables.ts';
import { type Command, defineCommand, UsageError } from './command.ts';
import { serve, serverConfig, SERVER_OPTIONS } from './server-process.ts';

export const proxy: Command = defineCommand({
  name: 'proxy',
  summary:
    'a streaming reverse proxy to LLM APIs, for clients that cannot load the preload: their calls go to Langfuse',
  details: `Give a client http://127.0.0.1:4319/openai/v1 in place of https://api.openai.com/v1, and likewise for /anthropic,
/google, /cohere, /mistral, /groq and others; --upstream adds more, such as a server of your own. Keys pass through and
are not kept. A traceparent header makes the caller's span the parent, and these headers, which no provider gets, say
whose a call is: x-langfuse-user-id, x-langfuse-session-id, x-langfuse-tags (with commas), x-langfuse-trace-name,
x-langfuse-feature, x-langfuse-version, x-langfuse-metadata-NAME. Each option is also OTEL_LANGFUSE_PROXY_..., such as
OTEL_LANGFUSE_PROXY_PORT, and OTEL_LANGFUSE_PROXY_TOKEN is what clients are to send as x-langfuse-proxy-token. What is
recorded, and how it is delivered, is as the environment says to the preload. Providers are reached through HTTPS_PROXY, unless
NO_PROXY excepts them. /healthz, /readyz and /metrics say how it is. SIGTERM and SIGINT end it when the answers under way
are done, within 25 s.`,
  options: {
    config: { type: 'string', value: 'FILE', help: 'YAML: upstreams, limits and all of these options' },
    port: { type: 'string', value: 'PORT', help: 'default: 4319' },
    ...SERVER_OPTIONS,
    upstream: {
      type: 'string',
      value: 'NAME=URL',
      repeats: true,
      help: 'what is asked for under /NAME goes to URL, which may be a private address',
    },
  },
  async run(flags, terminal) {
    // Loaded only now: no other command needs a server or hooks.
    const { parseProxyConfig } = await import('../config/proxy-config.ts');
    const { startProxy } = await import('../proxy/server.ts');
    const { deliveries } = await import('../exporter/shared-delivery.ts');
    const { givenProviders } = await import('../proxy/upstreams.ts');
    const { register } = await import('../register.ts');
    const config = await serverConfig(PROXY_VARIABLES, parseProxyConfig, flags);
    const { disabled, providers } = readEnvironment().config;
    if (disabled)
      throw new UsageError('OTEL_LANGFUSE_DISABLED or OTEL_SDK_DISABLED is set: a proxy would record nothing');
    await serve('proxy', terminal, async () => {
      const recording = register({ providers: { ...givenProviders(config.upstreams ?? {}), ...providers } });
      const running = await startProxy({
        ...config,
        // One environment, one delivery: nothing has to tell them apart.
        records: () => deliveries().map((delivery) => [{}, delivery.counters()]),
      });
      return {
        url: running.url,
        async close() {
          await running.close();
          await recording.shutdown();
        },
      };
    });
    return 0;
  },
});
