import { catalog, perCatalog } from './catalog.ts';
import { holds } from './name-pattern.ts';

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

const addresses = perCatalog((providers) =>
  [...providers.values()].map(({ id, url }) => ({ id, pattern: new RegExp(`^(?:${url})`, 'i') })),
);

/** The catalog's provider that serves an address, e.g. `api.groq.com` or `https://api.deepseek.com/v1`. */
export function findProviderByAddress(address: string): string | undefined {
  const url = address.includes('://') ? address : `https://${address}`;
  return addresses().find(({ pattern }) => pattern.test(url))?.id;
}

/** Names that only one cloud has. On Bedrock: a vendor, with or without a region, before a dot. */
const CLOUDS: readonly (readonly [name: RegExp, cloud: string])[] = [
  [/^(?:[a-z-]{2,6}\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen|writer)\.[a-z]/, 'aws'],
  [/^accounts\/fireworks\//, 'fireworks'],
];

export function findCloud(model: string): string | undefined {
  return CLOUDS.find(([name]) => name.test(model))?.[1];
}

/**
 * Vendors whose models are sold by themselves and by clouds at their price, so that the name alone says what a call
 * costs. Open weights are not among them: anyone serves those, at any price.
 */
const CLOSED: readonly (readonly [name: RegExp, vendor: string])[] = [
  [
    /^(?:gpt-(?!oss)|chatgpt-|codex-|o[134](?:-|$)|ft:|text-embedding-(?:3|ada)|omni-moderation|text-moderation)/,
    'openai',
  ],
  [/^claude-/, 'anthropic'],
  [/^gemini-/, 'google'],
  [/^grok-/, 'x-ai'],
];

export function findClosedVendor(model: string): string | undefined {
  return CLOSED.find(([name]) => name.test(model))?.[1];
}

/** The vendor of a model whose provider nobody stated. */
export function findVendor(model: string): string | undefined {
  const closed = findClosedVendor(model);
  if (closed !== undefined || model.startsWith('gpt-oss')) return closed;
  return [...catalog().values()].find(({ claims }) => claims && holds(claims, model))?.id;
}
