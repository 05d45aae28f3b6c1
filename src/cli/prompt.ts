import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { type ChatMessage, describeTokens, type TokenCount, type ToolSpecification } from '../tokens/index.ts';
import { asArray, asObject, asObjects, parseJson } from '../util/json-read.ts';
import { CommandError } from './command.ts';

/** What `count` and `estimate` take: for their help. */
export const PROMPT_ARGUMENT: { value: string; help: string } = {
  value: 'FILE',
  help: 'text, a JSON list of chat messages, or a JSON request with messages and tools (default: standard input)',
};

/**
 * Counts a file or, without one, standard input: chat messages or a request of the chat API where it is one, else text.
 * The line end that closes a text does not count.
 * @throws {CommandError} if the file cannot be read.
 */
export async function countPromptFile(file: string | undefined, model: string): Promise<TokenCount> {
  const text = await readText(file);
  const json = parseJson(text);
  const request = asObject(json);
  const messages = messagesOf(request ? request['messages'] : json);
  if (!messages) return describeTokens(text.replace(/\r?\n$/, ''), { model });
  return describeTokens(messages, {
    model,
    tools: asObjects(request?.['tools'] ?? request?.['functions']) as ToolSpecification[],
    responseFormat: request?.['response_format'],
  });
}

function messagesOf(value: unknown): ChatMessage[] | undefined {
  const messages = asObjects(value);
  const isChat = messages.length > 0 && messages.length === asArray(value)?.length;
  return isChat && messages.every(({ role }) => typeof role === 'string')
    ? (messages as unknown as ChatMessage[])
    : undefined;
}

async function readText(file: string | undefined): Promise<string> {
  if (file === undefined) return readAll(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** How certain a count is, for people: `exact (tiktoken o200k_base)`, `within 20 % (tiktoken o200k_base x 1.15)`. */
export function certaintyOf({ exact, band, method }: TokenCount): string {
  if (exact) return `exact (${method})`;
  return band === 0 ? `by formula (${method})` : `within ${Math.round(band * 100)} % (${method})`;
}
