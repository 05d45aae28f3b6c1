import type { JsonObject } from '../../model/json.ts';
import type { LlmCall } from '../../model/llm-call.ts';
import type { OutputMessage } from '../../model/message.ts';
import { readUsage } from '../../provider-usage/formats.ts';
import { asObject, asObjects, asString, defined } from '../../util/json-read.ts';
import { toMessage, toPart } from '../gen-ai-message.ts';

/** How the whole response of a provider is told from any other output, and the format of its usage. */
const RESPONSES: readonly { key: string; value?: string; usage: string; format: string }[] = [
  { key: 'object', value: 'chat.completion', usage: 'usage', format: 'openai.chat' },
  { key: 'object', value: 'text_completion', usage: 'usage', format: 'openai.chat' },
  { key: 'object', value: 'response', usage: 'usage', format: 'openai.responses' },
  { key: 'object', value: 'list', usage: 'usage', format: 'openai.embeddings' },
  { key: 'type', value: 'message', usage: 'usage', format: 'anthropic.messages' },
  { key: 'usageMetadata', usage: 'usageMetadata', format: 'google.generate_content' },
];

/** What a provider's own response says, where an instrumentation passes it on as it came. */
export type ProviderResponse = Pick<LlmCall, 'usage' | 'rawUsage' | 'responseModel' | 'responseId'>;

/** Reads the response; `undefined` if it is none of a provider, or says nothing about usage. */
export function readProviderResponse(value: unknown): ProviderResponse | undefined {
  const response: JsonObject = asObject(value) ?? {};
  const found = RESPONSES.find(({ key, value: mark }) =>
    mark === undefined ? response[key] !== undefined : response[key] === mark,
  );
  const body = found && asObject(response[found.usage]);
  if (!body) return undefined;
  const rawUsage = { format: found.format, body };
  const usage = readUsage(rawUsage);
  if (!usage) return undefined;
  const serviceTier = asString(response['service_tier']);
  return {
    usage: { ...defined({ serviceTier }), ...usage },
    rawUsage,
    ...defined({
      responseModel: asString(response['model']) ?? asString(response['modelVersion']),
      responseId: asString(response['id']) ?? asString(response['responseId']),
    }),
  };
}

/** What the model answered: choices of OpenAI, items of its Responses, or the message that Anthropic's response is. */
export function readAnswer(response: JsonObject): Pick<LlmCall, 'output' | 'finishReasons'> {
  const choices = asObjects(response['choices']);
  const output = choices.length > 0 ? choices.map(toChoice) : readMessage(response);
  const reasons = output?.flatMap(({ finish_reason: reason }) => reason ?? []);
  return defined({ output, finishReasons: reasons?.length ? reasons : undefined });
}

function toChoice({ message, finish_reason: reason = null }: JsonObject): OutputMessage {
  return toMessage({ role: 'assistant', ...asObject(message), finish_reason: reason });
}

function readMessage({ output, content, stop_reason: reason = null }: JsonObject): OutputMessage[] | undefined {
  if (content !== undefined) return [toMessage({ role: 'assistant', content, finish_reason: reason })];
  const items = asObjects(output);
  return items.length > 0 ? [{ role: 'assistant', parts: items.flatMap(toParts) }] : undefined;
}

/** An item that is a message has parts; any other is one. */
function toParts(item: JsonObject): OutputMessage['parts'] {
  return item['type'] === 'message' ? toMessage(item).parts : [toPart(item)];
}
