import type { Protocol } from './protocol.ts';

/**
 * Host or domain it is in -> `gen_ai.provider.name`, with the well-known values of the conventions where there is one.
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/registry/attributes/gen-ai.md
 */
const BY_HOST: ReadonlyMap<string, string> = new Map([
  ['api.openai.com', 'openai'],
  ['chatgpt.com', 'openai'],
  ['openai.azure.com', 'azure.ai.openai'],
  ['cognitiveservices.azure.com', 'azure.ai.openai'],
  ['services.ai.azure.com', 'azure.ai.inference'],
  ['models.ai.azure.com', 'azure.ai.inference'],
  ['models.inference.ai.azure.com', 'azure.ai.inference'],
  ['anthropic.com', 'anthropic'],
  ['amazonaws.com', 'aws.bedrock'],
  ['api.aws', 'aws.bedrock'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['cohere.com', 'cohere'],
  ['cohere.ai', 'cohere'],
  ['deepseek.com', 'deepseek'],
  ['groq.com', 'groq'],
  ['mistral.ai', 'mistral_ai'],
  ['perplexity.ai', 'perplexity'],
  ['x.ai', 'x_ai'],
  ['ml.cloud.ibm.com', 'ibm.watsonx.ai'],
  ['openrouter.ai', 'openrouter'],
  ['together.ai', 'together'],
  ['together.xyz', 'together'],
  ['fireworks.ai', 'fireworks'],
  ['cerebras.ai', 'cerebras'],
  ['huggingface.co', 'huggingface'],
  ['moonshot.ai', 'moonshot_ai'],
  ['moonshot.cn', 'moonshot_ai'],
  ['z.ai', 'z_ai'],
  ['bigmodel.cn', 'z_ai'],
  ['aliyuncs.com', 'alibaba'],
  ['voyageai.com', 'voyage_ai'],
  ['nvidia.com', 'nvidia'],
  ['sambanova.ai', 'sambanova'],
  ['deepinfra.com', 'deepinfra'],
  ['novita.ai', 'novita'],
  ['nebius.com', 'nebius'],
  ['hyperbolic.xyz', 'hyperbolic'],
  ['inference.crusoecloud.com', 'crusoe'],
  ['inference.heroku.com', 'heroku'],
  ['models.github.ai', 'github'],
  ['snowflakecomputing.com', 'snowflake'],
  ['databricks.com', 'databricks'],
  ['writer.com', 'writer'],
  ['portkey.ai', 'portkey'],
  ['ollama.com', 'ollama'],
]);

/** The names gateways give providers, e.g. as a segment of the path: `/groq/openai/v1/chat/completions`. */
const BY_GATEWAY_NAME: ReadonlyMap<string, string> = new Map([
  ['groq', 'groq'],
  ['anthropic', 'anthropic'],
  ['mistral', 'mistral_ai'],
  ['deepseek', 'deepseek'],
  ['openrouter', 'openrouter'],
  ['azure-openai', 'azure.ai.openai'],
  ['google-vertex', 'gcp.vertex_ai'],
  ['grok', 'x_ai'],
  ['xai', 'x_ai'],
  ['perplexity-ai', 'perplexity'],
  ['together', 'together'],
  ['fireworks', 'fireworks'],
  ['cerebras', 'cerebras'],
  ['mistral-ai', 'mistral_ai'],
  ['together-ai', 'together'],
  ['fireworks-ai', 'fireworks'],
  ['vertex-ai', 'gcp.vertex_ai'],
  ['google', 'gcp.gemini'],
  ['bedrock', 'aws.bedrock'],
]);

/**
 * Response headers that say who answered, in the order of their weight: gateways name whom they asked, and some vendors
 * send headers that nobody else does, which pass through a plain proxy.
 */
const BY_RESPONSE_HEADER: readonly (readonly [header: string, provider: (value: string) => string | undefined])[] = [
  // https://docs.litellm.ai/docs/proxy/response_headers
  ['x-litellm-model-api-base', (address) => providerOfHost(/^(?:https?:\/\/)?([^/:]+)/i.exec(address)?.[1] ?? '')],
  ['x-portkey-provider', (name) => BY_GATEWAY_NAME.get(name) ?? name],
  ['azureml-model-session', () => 'azure.ai.openai'],
  ['openai-version', () => 'openai'],
  ['anthropic-organization-id', () => 'anthropic'],
  ['x-groq-region', () => 'groq'],
];

/** Host, with or without its port, or domain it is in -> provider, as the user stated it. */
let named: ReadonlyMap<string, string> = new Map();

/** The user's own word for who is at a host; it wins over everything inferred. Hosts are as in {@link inferProvider}. */
export function nameProviders(byHost: Readonly<Record<string, string>>): void {
  named = new Map(Object.entries(byHost).map(([host, provider]) => [host.toLowerCase(), provider]));
}

/**
 * `gen_ai.provider.name` of a call. In this order: what the user says about the host, the vendor whose host it is, the
 * vendor that the response names, the one that the path names, and the vendor of the protocol.
 * @param host as in the `Host` header
 * @param responseHeader a header of the response, once there is one, by its lower-case name
 */
export function inferProvider(
  host: string,
  path: string,
  protocol: Pick<Protocol, 'id'>,
  responseHeader?: (name: string) => string | undefined,
): string {
  const withPort = host.toLowerCase();
  const name = withPort.replace(/:\d+$/, '');
  return (
    providerOfHost(withPort, named) ??
    providerOfHost(name, named) ??
    vendorOfHost(name, path) ??
    (responseHeader && providerOfResponse(responseHeader)) ??
    providerOfPath(path) ??
    protocol.id.slice(0, protocol.id.lastIndexOf('.'))
  );
}

function vendorOfHost(host: string, path: string): string | undefined {
  // A region of Vertex AI has a host of its own: `us-central1-aiplatform.googleapis.com`, `aiplatform.us.rep.googleapis.com`.
  const vendor = providerOfHost(host.replace(/^(?:[\w-]+-aiplatform|aiplatform\.\w+\.rep)\./, 'aiplatform.'));
  return vendor === 'azure.ai.inference' && path.includes('/anthropic/') ? 'anthropic' : vendor;
}

function providerOfResponse(responseHeader: (name: string) => string | undefined): string | undefined {
  for (const [header, providerOf] of BY_RESPONSE_HEADER) {
    const value = responseHeader(header);
    const provider = value && providerOf(value.toLowerCase());
    if (provider) return provider;
  }
  return undefined;
}

/** Only the beginning of a path is looked at: gateways put the provider first. */
function providerOfPath(path: string): string | undefined {
  if (path.includes('/openai/deployments/')) return 'azure.ai.openai';
  if (path.includes('/publishers/')) return 'gcp.vertex_ai';
  for (const segment of path.split('/', 4)) {
    const mounted = BY_GATEWAY_NAME.get(segment);
    if (mounted) return mounted;
  }
  return undefined;
}

function providerOfHost(host: string, byHost: ReadonlyMap<string, string> = BY_HOST): string | undefined {
  const parent = host.indexOf('.');
  return byHost.get(host) ?? (parent === -1 ? undefined : providerOfHost(host.slice(parent + 1), byHost));
}
