import type { JsonObject } from '../model/json.ts';
import { asArray, asObject, asObjects, asString, asStrings } from '../util/json-read.ts';

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

/**
 * Tokens around the tools. OpenAI shows functions to its models as type declarations; these constants and
 * {@link declarations} were found by comparing with the counts its API reports (docs/tokens.md).
 */
const TOKENS_OF_SECTION = 9;
/** In a system message of the app the section needs no message of its own. */
const TOKENS_SAVED_IN_SYSTEM_MESSAGE = 4;
/** Reasoning models get the instructions for calling tools with them. */
const TOKENS_OF_REASONING_SECTION = 91;

/** Tokens that tools add to a prompt. `count` counts the tokens of a text. */
export function countTools(
  tools: readonly ToolSpecification[],
  count: (text: string) => number,
  { isReasoning, hasSystemMessage }: { isReasoning: boolean; hasSystemMessage: boolean },
): number {
  if (tools.length === 0) return 0;
  const functions = tools.map((tool) => tool.function ?? tool);
  const undescribed = functions.filter(({ parameters }) => !describesProperty(parameters)).length;
  const saved = hasSystemMessage && !isReasoning ? TOKENS_SAVED_IN_SYSTEM_MESSAGE : 0;
  const section = isReasoning ? TOKENS_OF_REASONING_SECTION : TOKENS_OF_SECTION;
  return section + count(declarations(functions)) - undescribed - saved;
}

/** Functions as the type declarations that the model reads. */
function declarations(functions: readonly FunctionSpecification[]): string {
  const blocks = functions.map(({ name = '', description, parameters }) => {
    const comment = description ? `// ${description}\n` : '';
    const properties = propertyLines(asObject(parameters) ?? {}, 0);
    const argument = properties.length > 0 ? `_: {\n${properties.join('\n')}\n}` : '';
    return `${comment}type ${name} = (${argument}) => any;\n`;
  });
  return ['namespace functions {\n', ...blocks, '} // namespace functions'].join('\n');
}

function propertyLines(schema: JsonObject, depth: number): string[] {
  const required = new Set(asStrings(schema.required));
  return Object.entries(asObject(schema.properties) ?? {}).flatMap(([key, value]) => {
    const property = asObject(value) ?? {};
    const description = asString(property.description);
    const type = typeText(property, depth);
    return [
      // Deeper descriptions are not shown to the model.
      ...(description && depth < 2 ? [`// ${description}`] : []),
      `${key}${required.has(key) ? '' : '?'}: ${type},`,
    ].map((line) => '  '.repeat(depth) + line);
  });
}

/** Schemas may refer to themselves only by `$ref`, which is not followed; a deeper nesting is nobody's schema. */
const MAX_DEPTH = 32;

function typeText(schema: JsonObject, depth: number): string {
  if (depth > MAX_DEPTH) return 'any';
  const alternatives = asObjects(schema.anyOf ?? schema.oneOf);
  if (alternatives.length > 0) return alternatives.map((alternative) => typeText(alternative, depth + 1)).join(' | ');
  const values = asArray(schema.enum);
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ');
  const types = asStrings(schema.type);
  if (types && types.length > 1) return types.map((type) => typeText({ ...schema, type }, depth + 1)).join(' | ');
  switch (types?.[0]) {
    case 'string':
    case 'boolean':
    case 'null':
      return types[0];
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return schema.items === undefined ? 'any[]' : `${typeText(asObject(schema.items) ?? {}, depth + 1)}[]`;
    case 'object':
      return `{\n${propertyLines(schema, depth + 1).join('\n')}\n}`;
    default:
      return 'any';
  }
}

function describesProperty(parameters: unknown): boolean {
  const properties = Object.values(asObject(asObject(parameters)?.properties) ?? {});
  return properties.some((property) => Boolean(asObject(property)?.description));
}
