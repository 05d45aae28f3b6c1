import type { TiktokenEncoding } from 'tiktoken';
import type { JsonObject } from '../model/json.ts';
import { asObject, asString, asStrings } from '../util/json-read.ts';
import { countText } from './encoding.ts';

interface FunctionSpecification {
  name?: string;
  description?: string;
  /** JSON schema of the arguments. */
  parameters?: unknown;
}

/** A tool as the chat API has it (`function` around it) or as the Responses API does. */
export interface ToolSpecification extends FunctionSpecification {
  type?: string;
  function?: FunctionSpecification;
}

// Tokens of the text that OpenAI makes of tools, which it does not publish, counted against its API.
// https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken
const PER_FUNCTION: Partial<Record<TiktokenEncoding, number>> = { o200k_base: 7, cl100k_base: 10 };
const PROPERTIES_START = 3;
const PER_PROPERTY = 3;
const ENUM_START = -3;
const PER_ENUM_VALUE = 3;
const END_OF_FUNCTIONS = 12;

/** Tokens that tools add to a prompt. */
export function countTools(tools: readonly ToolSpecification[], encoding: TiktokenEncoding): number {
  if (tools.length === 0) return 0;
  const counts = tools.map((tool) => countFunction(tool.function ?? tool, encoding));
  return counts.reduce((sum, count) => sum + count, END_OF_FUNCTIONS);
}

function countFunction(
  { name = '', description, parameters }: FunctionSpecification,
  encoding: TiktokenEncoding,
): number {
  const properties = Object.entries(asObject(asObject(parameters)?.properties) ?? {});
  const head = (PER_FUNCTION[encoding] ?? 10) + countText(`${name}:${withoutPeriod(description)}`, encoding);
  if (properties.length === 0) return head;
  return properties.reduce(
    (sum, [key, schema]) => sum + countProperty(key, asObject(schema) ?? {}, encoding),
    head + PROPERTIES_START,
  );
}

function countProperty(key: string, schema: JsonObject, encoding: TiktokenEncoding): number {
  const line = `${key}:${asString(schema.type) ?? ''}:${withoutPeriod(asString(schema.description))}`;
  const values = asStrings(schema.enum);
  const enumeration =
    values?.reduce((sum, value) => sum + PER_ENUM_VALUE + countText(value, encoding), ENUM_START) ?? 0;
  return PER_PROPERTY + enumeration + countText(line, encoding);
}

function withoutPeriod(text = ''): string {
  return text.endsWith('.') ? text.slice(0, -1) : text;
}
