// Reading reports for others, as an ES module with the Anthropic client: a cached prompt, a stream, thinking.
import Anthropic from '@anthropic-ai/sdk';
import { withLlmContext } from 'otel-langfuse';

const anthropic = new Anthropic();

// Long and the same in every call: written to the cache by the first one, read from it by the next.
const system = [
  { type: 'text', text: 'The annual report of the bicycle shop. ...', cache_control: { type: 'ephemeral' } },
];

async function summarise() {
  const message = await anthropic.messages.create({
    model: 'claude-sonnet-4-6',
    max_tokens: 1000,
    system,
    messages: [{ role: 'user', content: 'Summarise the report in one sentence.' }],
  });
  return message.content[0].text;
}

async function forecast() {
  const stream = anthropic.messages.stream({
    model: 'claude-sonnet-4-6',
    max_tokens: 4000,
    thinking: { type: 'enabled', budget_tokens: 2000 },
    system,
    messages: [{ role: 'user', content: 'How many bicycles will be sold next year?' }],
  });
  return stream.finalText();
}

async function translate(text) {
  const message = await anthropic.messages.create({
    model: 'claude-haiku-4-5',
    max_tokens: 200,
    messages: [{ role: 'user', content: `Translate to French: ${text}` }],
  });
  return message.content[0].text;
}

await withLlmContext({ userId: 'grace', sessionId: 'report-3', feature: 'reports' }, async () => {
  const summary = await summarise();
  console.log(`grace: ${summary}`);
  console.log(`grace: ${await forecast()}`);
  console.log(`grace: ${await translate(summary)}`);
});
