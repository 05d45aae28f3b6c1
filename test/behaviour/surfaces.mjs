/** The APIs as their clients offer them: one way to write each scenario for all of them. */

const MESSAGES = [{ role: 'user', content: 'What is the weather in Paris, and what time is it?' }];
const TOOL = {
  name: 'get_weather',
  description: 'Current weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const USAGE = { stream_options: { include_usage: true } };

/** openai 4 has the helpers of chat completions under `beta`. */
const chatHelpers = (client) => (client.chat.completions.stream ? client.chat : client.beta.chat).completions;

const openaiChat = {
  create: (client, body, options) => client.chat.completions.create({ ...chatBody, ...body }, options),
  stream: (client, body, options) => chatHelpers(client).stream({ ...chatBody, ...USAGE, ...body }, options),
  parse: (client, body, options, { zod, zodResponseFormat }) =>
    chatHelpers(client).parse(
      { messages: MESSAGES, ...body, response_format: zodResponseFormat(weather(zod), 'weather') },
      options,
    ),
  events: [
    'connect',
    'chunk',
    'chatCompletion',
    'message',
    'content',
    'finalMessage',
    'finalContent',
    'abort',
    'error',
    'finalChatCompletion',
    'totalUsage',
    'end',
    'content.delta',
    'content.done',
    'refusal.delta',
    'tool_calls.function.arguments.delta',
    'tool_calls.function.arguments.done',
    'functionToolCall',
  ],
  finals: ['finalChatCompletion', 'finalMessage', 'finalContent', 'totalUsage'],
};
const chatBody = { messages: MESSAGES, tools: [{ type: 'function', function: TOOL }], temperature: 0.2 };

const openaiResponses = {
  create: (client, body, options) => client.responses.create({ ...responsesBody, ...body }, options),
  stream: (client, body, options) => client.responses.stream({ ...responsesBody, ...body }, options),
  parse: (client, body, options, { zod, zodTextFormat }) =>
    client.responses.parse(
      { input: responsesBody.input, ...body, text: { format: zodTextFormat(weather(zod), 'weather') } },
      options,
    ),
  events: [
    'connect',
    'event',
    'abort',
    'error',
    'end',
    'response.created',
    'response.output_item.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.function_call_arguments.delta',
    'response.output_item.done',
    'response.completed',
    'response.incomplete',
    'response.failed',
  ],
  finals: ['finalResponse'],
};
const responsesBody = {
  instructions: 'Be brief.',
  input: 'What is the weather in Paris, and what time is it?',
  tools: [{ type: 'function', strict: false, ...TOOL }],
};

const anthropicMessages = {
  create: (client, body, options) => client.messages.create({ ...messagesBody, ...body }, options),
  stream: (client, body, options) => client.messages.stream({ ...messagesBody, ...body }, options),
  parse: (client, body, options, { zod, zodOutputFormat }) =>
    client.messages.parse(
      { ...messagesBody, ...body, output_config: { format: zodOutputFormat(weather(zod)) } },
      options,
    ),
  events: [
    'connect',
    'streamEvent',
    'text',
    'inputJson',
    'thinking',
    'signature',
    'contentBlock',
    'message',
    'finalMessage',
    'error',
    'abort',
    'end',
  ],
  finals: ['finalMessage', 'finalText'],
};
const { parameters, ...anthropicTool } = TOOL;
const messagesBody = {
  max_tokens: 1024,
  system: 'Be brief.',
  messages: MESSAGES,
  tools: [{ ...anthropicTool, input_schema: parameters }],
};

function weather(zod) {
  return zod.object({ city: zod.string(), degrees: zod.number() });
}

/** By client family: the APIs it speaks and how it is made. */
export const FAMILIES = {
  openai: {
    surfaces: { chat: openaiChat, responses: openaiResponses },
    client: (module, url, options) => new module.default({ apiKey: 'sk-test', baseURL: `${url}/v1`, ...options }),
  },
  anthropic: {
    surfaces: { messages: anthropicMessages },
    client: (module, url, options) => new module.default({ apiKey: 'sk-ant-test', baseURL: url, ...options }),
  },
};
