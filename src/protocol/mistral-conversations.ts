import type { Json, JsonObject } from '../model/json.ts';
import type { Message, MessagePart } from '../model/message.ts';
import { asBoolean, asObject, asObjects, asString, defined } from '../util/json-read.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { ConversationStreamAssembler } from './mistral-conversations-stream.ts';
import { readSamplingParameters } from './openai-chat.ts';
import { readChatTools } from './openai-chat-message.ts';
import { readContent } from './openai-content.ts';
import type { ExchangeFacts, Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { mergeByRole, otherPart, parseArguments, pickParameters, readUsageObject, textParts } from './reading.ts';

/** A conversation is begun, continued by its id, or restarted. OpenAI has the first two paths for another purpose. */
const PATH = /\/v1\/conversations(?:\/[^/]+(?:\/restart)?)?$/;

/**
 * Conversations with a model or an agent, whose turns Mistral keeps.
 * @see https://docs.mistral.ai/api/#tag/beta.conversations
 */
export const mistralConversations: Protocol = {
  id: 'mistral_ai.conversations',
  operation: 'chat',
  matches: (path, host) => path.includes('/v1/conversations') && PATH.test(path) && !/openai/i.test(host),
  isForeign: (text) => !/"inputs"\s*:/.test(text),
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new ConversationStreamAssembler(maxTextLength),
};

const OTHER_PARAMETERS = ['agent_id', 'agent_version', 'store', 'handoff_execution', 'from_entry_id'] as const;

function readRequest(body: JsonObject, { path }: ExchangeFacts): RequestReading {
  const input = readEntries(typeof body.inputs === 'string' ? [{ content: body.inputs }] : asObjects(body.inputs));
  const [, conversationId] = /\/conversations\/([^/]+)/.exec(path) ?? [];
  const { other, ...parameters } = readSamplingParameters(asObject(body.completion_args) ?? {}, ['tool_choice'], '');
  return {
    ...defined({ requestModel: asString(body.model), tools: readChatTools(body), conversationId }),
    ...(typeof body.instructions === 'string' && { systemInstructions: textParts(body.instructions) }),
    ...(input.length > 0 && { input }),
    parameters: {
      ...parameters,
      ...defined({
        stream: asBoolean(body.stream),
        other: pickParameters({ ...other, ...body }, ['tool_choice', ...OTHER_PARAMETERS]),
      }),
    },
  };
}

type ReadEntry = (entry: JsonObject) => Message;

const fromAssistant =
  (read: (entry: JsonObject) => MessagePart[]): ReadEntry =>
  (entry) => ({ role: 'assistant', parts: read(entry) });

const ENTRIES: Readonly<Record<string, ReadEntry>> = {
  'message.output': fromAssistant((entry) => readContent(entry.content)),
  'function.call': fromAssistant((entry) => [
    {
      type: 'tool_call',
      name: asString(entry.name) ?? '',
      ...defined({ id: asString(entry.tool_call_id), arguments: parseArguments(entry.arguments) }),
    },
  ]),
  'tool.execution': fromAssistant(({ id, name, arguments: text, info }) => [
    {
      type: 'server_tool_call',
      name: asString(name) ?? '',
      ...defined({ id: asString(id) }),
      server_tool_call: defined({ arguments: parseArguments(text), info }) as JsonObject,
    },
  ]),
  'function.result': (entry) => ({
    role: 'tool',
    parts: [
      {
        type: 'tool_call_response',
        ...defined({ id: asString(entry.tool_call_id) }),
        response: entry.result ?? null,
      },
    ],
  }),
  'agent.handoff': fromAssistant((entry) => [otherPart(entry)]),
};

const readInput: ReadEntry = (entry) => ({ role: asString(entry.role) ?? 'user', parts: readContent(entry.content) });

function readEntries(entries: readonly JsonObject[]): Message[] {
  return mergeByRole(
    entries.map((entry) => {
      const type = asString(entry.type) ?? '';
      const read = Object.hasOwn(ENTRIES, type) ? ENTRIES[type] : undefined;
      return (read ?? readInput)(entry);
    }),
  );
}

function readResponse(body: JsonObject): ResponseReading {
  const outputs = asObjects(body.outputs);
  const output = readEntries(outputs);
  return {
    ...defined({
      responseModel: outputs.map(({ model }: { model?: Json }) => asString(model)).findLast(Boolean),
      conversationId: asString(body.conversation_id),
      error: readErrorObject(body.error),
    }),
    ...(output.length > 0 && { output }),
    ...readUsageObject('mistral.conversations', body.usage),
  };
}
