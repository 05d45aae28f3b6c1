import { catalog } from './catalog.ts';

/**
 * Provider names that spans carry, to providers of the catalog: `gen_ai.provider.name` values of the conventions,
 * values of the former `gen_ai.system`, and the names of popular frameworks.
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
 */
const ALIASES: Readonly<Record<string, string>> = {
  'az.ai': 'azure',
  'azure-openai': 'azure',
  azure_ai: 'azure',
  azure_openai: 'azure',
  'amazon-bedrock': 'aws',
  amazon_bedrock: 'aws',
  bedrock: 'aws',
  bedrock_converse: 'aws',
  gcp: 'google',
  gemini: 'google',
  google_genai: 'google',
  google_vertexai: 'google',
  vertex_ai: 'google',
  vertex: 'google',
  'google-vertex': 'google',
  vertexai: 'google',
  fireworks_ai: 'fireworks',
  'fireworks-ai': 'fireworks',
  mistral_ai: 'mistral',
  mistralai: 'mistral',
  moonshot_ai: 'moonshotai',
  moonshot: 'moonshotai',
  together_ai: 'together',
  togetherai: 'together',
  voyage: 'voyageai',
  x_ai: 'x-ai',
  xai: 'x-ai',
  'text-completion-openai': 'openai',
};

/**
 * The catalog's provider for a provider name. Qualifiers after a dot are dropped until a name is known:
 * `azure.ai.openai`, `openai.responses`, `gcp.vertex_ai`.
 */
export function findProvider(name: string): string | undefined {
  for (let key = name.trim().toLowerCase(); key !== ''; key = key.slice(0, Math.max(0, key.lastIndexOf('.')))) {
    const id = ALIASES[key] ?? key;
    if (catalog().has(id)) return id;
  }
  return undefined;
}

/** The catalog's provider that serves an address, e.g. `api.groq.com` or `https://api.deepseek.com/v1`. */
export function findProviderByAddress(address: string): string | undefined {
  const url = address.includes('://') ? address : `https://${address}`;
  for (const provider of catalog().values()) if (new RegExp(`^(?:${provider.url})`, 'i').test(url)) return provider.id;
  return undefined;
}
