import type { JsonObject } from '../model/json.ts';
import { PROTOCOLS } from '../protocol/protocols.ts';
import type { Protocol } from '../protocol/protocol.ts';
import { usageFormatIds } from '../provider-usage/formats.ts';
import { asObject } from '../util/json-read.ts';

/** The API that a usage object or a response is of. */
export interface UsageApi {
  /** The format of its usage object. */
  format: string;
  /** Reads its whole response. */
  protocol: Protocol | undefined;
}

/** A usage object of an API has one of these; the first row that fits decides. */
const SHAPES: readonly (readonly [format: string, keys: readonly string[]])[] = [
  ['aws.bedrock.converse', ['inputTokens']],
  ['google.generate_content', ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount']],
  ['cohere', ['billed_units']],
  ['ollama', ['prompt_eval_count', 'eval_count']],
  ['openai.realtime', ['output_token_details']],
  ['openai.transcription', ['seconds', 'input_token_details']],
  ['openai.chat', ['prompt_tokens', 'completion_tokens']],
  [
    'anthropic.messages',
    ['cache_read_input_tokens', 'cache_creation_input_tokens', 'cache_creation', 'server_tool_use', 'iterations'],
  ],
  ['openai.responses', ['input_tokens', 'output_tokens', 'total_tokens']],
];

/** Protocols whose name is not that of their usage object. */
const PROTOCOL_OF: Readonly<Record<string, string>> = {
  'google.generate_content': 'gcp.gemini.generate_content',
  'google.embeddings': 'gcp.gemini.embeddings',
  'google.interactions': 'gcp.gemini.interactions',
  cohere: 'cohere.chat',
  ollama: 'ollama.chat',
};

/** What is known besides the object itself. */
interface Hints {
  format: string | undefined;
  provider: string | undefined;
  model: string | undefined;
}

/**
 * The API by the name of its format (ours, or `<vendor>.<api>` of whoever copies it); where that says nothing, by the
 * shape of the usage.
 */
export function findUsageApi(usage: JsonObject, { format, provider, model }: Hints): UsageApi | undefined {
  const found = (format === undefined ? undefined : formatOfName(format)) ?? formatOfShape(usage, provider, model);
  if (found === undefined) return undefined;
  const protocolId = PROTOCOL_OF[found] ?? found;
  return { format: found, protocol: PROTOCOLS.find(({ id }) => id === protocolId) };
}

/** Where a response has its usage; of some APIs the response itself is. */
export function usageIn(body: JsonObject): JsonObject {
  return asObject(body.usage) ?? asObject(body.usageMetadata) ?? asObject(body.meta) ?? body;
}

function formatOfShape(usage: JsonObject, provider = '', model = ''): string | undefined {
  const shape = SHAPES.find(([, keys]) => keys.some((key) => (usage[key] ?? null) !== null))?.[0];
  if (shape !== 'openai.responses') return shape;
  // The same names in several APIs, which differ in what includes what.
  if (/anthropic|claude/i.test(`${provider} ${model}`)) return 'anthropic.messages';
  return /image|dall-e/i.test(model) ? 'openai.images' : shape;
}

function formatOfName(name: string): string | undefined {
  const ids = usageFormatIds();
  const wanted = name
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  const [vendor = '', api = ''] = [wanted.slice(0, wanted.indexOf('.')), wanted.slice(wanted.lastIndexOf('.') + 1)];
  return (
    ids.find((id) => id === wanted) ??
    ids.find((id) => id === vendor) ??
    ids.find((id) => id.slice(id.lastIndexOf('.') + 1) === api)
  );
}
