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

/** The names under which gateways mount a provider as a path segment, e.g. `/groq/openai/v1/chat/completions`. */
const BY_SEGMENT: ReadonlyMap<string, string> = new Map([
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
]);

/** `gen_ai.provider.name` of a call: by host, else by the provider a gateway's path names, else the protocol's own vendor. */
export function inferProvider(host: string, path: string, protocol: Protocol): string {
  // A region of Vertex AI has a host of its own: `us-central1-aiplatform.googleapis.com`, `aiplatform.us.rep.googleapis.com`.
  const known = providerOfHost(
    host
      .toLowerCase()
      .replace(/:\d+$/, '')
      .replace(/^(?:[\w-]+-aiplatform|aiplatform\.\w+\.rep)\./, 'aiplatform.'),
  );
  if (known === 'azure.ai.inference' && path.includes('/anthropic/')) return 'anthropic';
  if (known) return known;
  if (path.includes('/publishers/')) return 'gcp.vertex_ai';
  for (const segment of path.split('/', 4)) {
    const mounted = BY_SEGMENT.get(segment);
    if (mounted) return mounted;
  }
  return protocol.id.slice(0, protocol.id.lastIndexOf('.'));
}

function providerOfHost(host: string): string | undefined {
  const parent = host.indexOf('.');
  return BY_HOST.get(host) ?? (parent === -1 ? undefined : providerOfHost(host.slice(parent + 1)));
}
