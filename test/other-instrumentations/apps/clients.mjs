/**
 * What an app does with each client, beside any instrumentation. A scenario gets the name of a model of its own, by which
 * its calls are told from those of the others.
 */
const question = 'What is the weather in Paris?';
const messages = [{ role: 'user', content: question }];
const followUp = { role: 'user', content: 'And tomorrow?' };
const standIn = process.env.STAND_IN_URL;
/** What the provider is to answer. */
const answer = (words) => ({ 'x-stand-in': words });

/** A fetch whose requests are answered in these ways one after the other, and then in the last of them. */
export function answeredBy(...words) {
  const left = [...words];
  return (input, init) => {
    const headers = new Headers(init.headers);
    headers.set('x-stand-in', left.length > 1 ? left.shift() : left[0]);
    return fetch(input, { ...init, headers });
  };
}

const openaiTools = [
  { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: {} } } },
];

async function all(events) {
  const seen = [];
  for await (const event of await events) seen.push(event);
  return seen;
}

async function first(events) {
  for await (const event of await events) return event;
}

export const openaiOptions = { apiKey: 'sk-test', baseURL: `${standIn}/v1` };
export const anthropicOptions = { apiKey: 'sk-ant-test', baseURL: standIn };

/** @param {any} client of `openai` */
export function openaiScenarios(client) {
  const chat = (model, words, more = {}) =>
    client.chat.completions.create({ model, messages, ...more }, { headers: answer(words) });
  const stream = { stream: true, stream_options: { include_usage: true } };
  return {
    chat: (model) => chat(model, 'cached'),
    'chat of a tool, and its result': async (model) => [
      await chat(model, 'tools', { tools: openaiTools }),
      await chat(model, 'plain', { messages: [...messages, followUp] }),
    ],
    // Their ids are numbered as they arrive.
    'chats at the same time': async (model) => {
      const answers = await Promise.all(['plain', 'cached', 'reasoning'].map((word) => chat(model, word)));
      return answers.map(({ id: _id, ...said }) => said);
    },
    'chat stream': (model) => all(chat(model, 'reasoning', stream)),
    'chat stream that does not ask for usage': (model) => all(chat(model, 'plain', { stream: true })),
    'chat at the second attempt': (model) => chat(model, 'retry-500 plain'),
    'chat that fails': (model) => chat(model, 'error-400').catch(({ status }) => ({ status })),
    responses: (model) => client.responses.create({ model, input: question }, { headers: answer('reasoning') }),
    'responses stream': (model) =>
      all(client.responses.create({ model, input: question, stream: true }, { headers: answer('cached') })),
    embeddings: (model) => client.embeddings.create({ model, input: question }),
    'chat stream that is left': (model) => first(chat(model, 'slow', stream)),
  };
}

/** @param {any} client of `@anthropic-ai/sdk` */
export function anthropicScenarios(client) {
  const create = (model, words, more = {}) =>
    client.messages.create({ model, max_tokens: 100, messages, ...more }, { headers: answer(words) });
  return {
    messages: (model) => create(model, 'cache-write'),
    'messages stream': (model) => all(create(model, 'cached', { stream: true })),
    'messages stream helper': (model) =>
      client.messages
        .stream({ model, max_tokens: 100, messages }, { headers: answer('cache-write') })
        .finalMessage()
        .then(({ content, usage }) => ({ content, usage })),
    'messages at the second attempt': (model) => create(model, 'retry-529 plain'),
    'messages stream that is left': (model) => first(create(model, 'slow', { stream: true })),
  };
}

/** @param {any} client of `@mistralai/mistralai` */
export function mistralScenarios(client) {
  return {
    chat: (model) => client.chat.complete({ model, messages }),
    'chat stream': (model) => all(client.chat.stream({ model, messages })),
    embeddings: (model) => client.embeddings.create({ model, inputs: [question] }),
  };
}

/** @param {any} bedrock the module `@aws-sdk/client-bedrock-runtime` */
export function bedrockScenarios(bedrock) {
  const client = new bedrock.BedrockRuntimeClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
    endpoint: process.env.BEDROCK_URL,
  });
  const conversation = {
    modelId: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    messages: [{ role: 'user', content: [{ text: question }] }],
  };
  const native = {
    modelId: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    contentType: 'application/json',
    accept: 'application/json',
    body: JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 300, messages }),
  };
  const send = (command) => client.send(command);
  return {
    converse: async () => (await send(new bedrock.ConverseCommand(conversation))).usage,
    'converse stream': async () => all((await send(new bedrock.ConverseStreamCommand(conversation))).stream),
    invoke: async () => Buffer.from((await send(new bedrock.InvokeModelCommand(native))).body).toString(),
    'invoke stream': async () => all((await send(new bedrock.InvokeModelWithResponseStreamCommand(native))).body),
  };
}

const shown = ({ content, usage_metadata: usage }) => ({ content, usage });

/** @param {any} modules of LangChain @param {() => object[]} callbacks that the app passes */
export function langchainScenarios(
  { ChatOpenAI, OpenAIEmbeddings, RunnableLambda, ChatPromptTemplate },
  callbacks = () => [],
) {
  const config = () => ({ callbacks: callbacks() });
  const modelOf = (model, words, more = {}) =>
    new ChatOpenAI({
      model,
      apiKey: 'sk-test',
      configuration: { baseURL: `${standIn}/v1`, fetch: answeredBy(...[words].flat()) },
      ...more,
    });
  const prompt = () => ChatPromptTemplate.fromMessages([['user', '{question}']]);
  return {
    invoke: async (model) => shown(await modelOf(model, 'cached').invoke(question, config())),
    stream: async (model) => (await all(modelOf(model, 'reasoning').stream(question, config()))).map(shown),
    chain: async (model) => shown(await prompt().pipe(modelOf(model, 'cached')).invoke({ question }, config())),
    'chain stream': async (model) =>
      (await all(prompt().pipe(modelOf(model, 'plain')).stream({ question }, config()))).map(shown),
    batch: async (model) =>
      (await modelOf(model, 'plain').batch([question, 'And tomorrow?', 'And then?'], config())).map(shown),
    'a function that asks twice': (model) =>
      RunnableLambda.from(async (text, options) => {
        const call = await modelOf(model, 'tools').bindTools(openaiTools).invoke(text, options);
        return [shown(call), shown(await modelOf(model, 'reasoning').invoke(text, options))];
      }).invoke(question, config()),
    'at the second attempt': async (model) =>
      shown(await modelOf(model, ['error-500', 'plain']).invoke(question, config())),
    responses: async (model) =>
      shown(await modelOf(model, 'reasoning', { useResponsesApi: true }).invoke(question, config())),
    embeddings: (model) =>
      new OpenAIEmbeddings({ model, apiKey: 'sk-test', configuration: { baseURL: `${standIn}/v1` } }).embedQuery(
        question,
      ),
  };
}

/**
 * @param {any} ai the module, any version @param {(...words: string[]) => any} openai a provider that gets such answers
 * @param {object} telemetry settings of each call @param {any} z
 */
export function aiScenarios(ai, openai, telemetry, z) {
  const input = z.object({});
  const tools = {
    get_weather: ai.tool({ parameters: input, inputSchema: input, execute: async () => ({ degrees: 22 }) }),
    get_time: ai.tool({ parameters: input, inputSchema: input, execute: async () => '12:00' }),
  };
  // ai 4 has `maxSteps`, 5 and 6 `stepCountIs`, 7 `isStepCount`.
  const steps = { maxSteps: 2, stopWhen: (ai.isStepCount ?? ai.stepCountIs)?.(2) };
  const generate = async (options) => {
    const { text, usage } = await ai.generateText({ prompt: question, ...telemetry, ...options });
    return { text, usage };
  };
  return {
    generate: (model) => generate({ model: openai('cached').chat(model) }),
    'generate with responses': (model) => generate({ model: openai('reasoning').responses(model) }),
    'generate at the second attempt': (model) => generate({ model: openai('error-500', 'plain').chat(model) }),
    stream: (model) =>
      all(ai.streamText({ model: openai('reasoning').chat(model), prompt: question, ...telemetry }).textStream),
    agent: (model) => generate({ model: openai('tools', 'plain').chat(model), tools, ...steps }),
    embeddings: async (model) => {
      const provider = openai('plain');
      const { usage } = await ai.embedMany({
        model: (provider.embeddingModel ?? provider.textEmbeddingModel)(model),
        values: [question, 'And tomorrow?'],
        ...telemetry,
      });
      return usage;
    },
  };
}
