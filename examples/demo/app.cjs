// A help desk, as a CommonJS app with the OpenAI client: tools, a stream, reasoning.
const { OpenAI } = require('openai');
const { withLlmContext } = require('otel-langfuse');

const openai = new OpenAI();

const tools = [
  {
    type: 'function',
    function: {
      name: 'find_order',
      description: 'Looks an order up.',
      parameters: { type: 'object', properties: { number: { type: 'string' } }, required: ['number'] },
    },
  },
];

async function answer(question) {
  const messages = [
    { role: 'system', content: 'You answer customers of a bicycle shop. The whole manual of the shop follows. ...' },
    { role: 'user', content: question },
  ];
  const first = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, tools });
  const [call] = first.choices[0].message.tool_calls;
  messages.push(first.choices[0].message);
  messages.push({ role: 'tool', tool_call_id: call.id, content: '{"state":"shipped","arrives":"Friday"}' });

  const stream = await openai.chat.completions.create({
    model: 'gpt-4o-mini',
    messages,
    tools,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

async function suggestRoute(wish) {
  const response = await openai.responses.create({ model: 'gpt-5', input: wish, reasoning: { effort: 'medium' } });
  return response.output_text;
}

async function main() {
  await withLlmContext({ userId: 'ada', sessionId: 'chat-17', feature: 'help-desk' }, async () => {
    console.log(`ada:   ${await answer('Where is my order 4711?')}`);
    console.log(`ada:   ${await suggestRoute('A flat tour of 40 km from Paris, please.')}`);
  });
  await withLlmContext({ userId: 'grace', sessionId: 'chat-18', feature: 'help-desk' }, async () => {
    console.log(`grace: ${await answer('Has order 4712 left?')}`);
  });
}

main();
