// The calls that the former SDK is used with by hand.
import { Langfuse } from 'langfuse';

const langfuse = new Langfuse({ environment: 'staging', release: 'r-7' });

const trace = langfuse.trace({
  name: 'document-qa',
  userId: 'user-123',
  sessionId: 'conversation-456',
  tags: ['feature:document-qa'],
  metadata: { feature: 'document-qa', settings: { depth: 2 } },
  version: 'v2',
  public: true,
  input: { question: 'Why?' },
});

const custom = trace.generation({ name: 'custom-llm-call', model: 'my-custom-model', input: 'a prompt' });
custom.end({ output: 'a response', usage: { input: 1500, output: 500, total: 2000, unit: 'TOKENS' } });

const inputCost = 1200 * 0.00001;
const outputCost = 300 * 0.00003;
trace.generation({ name: 'cost in metadata', model: 'my-custom-model', input: 'a prompt' }).end({
  output: 'a response',
  usage: { input: 1200, output: 300 },
  metadata: { inputCost, outputCost, totalCost: inputCost + outputCost, modelPricing: { input: 0.01, output: 0.03 } },
});

trace.generation({ name: 'embed-documents', model: 'text-embedding-3-small', input: { documentCount: 3 } }).end({
  output: { vectorCount: 3 },
  usage: { input: 4321, unit: 'CHARACTERS' },
});

function createGeneration(name, input, output, metadata, options = {}) {
  const { model, usage, cost } = options;
  const generation = trace.generation({ name, model, input, metadata });
  generation.end({ output, usage: cost === undefined ? usage : { ...usage, totalCost: cost } });
}
const usage = { promptTokens: 100, completionTokens: 50, totalTokens: 150 };
createGeneration('openai names', 'in', 'out', {}, { model: 'gpt-4', usage });
createGeneration('openai names with cost', 'in', 'out', { plan: 'pro' }, { model: 'gpt-4', usage, cost: 0.0123 });

trace
  .generation({ name: 'costs of the user', model: 'gpt-4o', input: 'in' })
  .end({ usage: { input: 10, output: 5, unit: 'TOKENS', inputCost: 0.1, outputCost: 0.2 } });
trace.generation({ name: 'details', model: 'gpt-4o', input: 'in' }).end({
  usageDetails: { input: 86, input_cached_tokens: 1920, output: 300 },
  level: 'WARNING',
  statusMessage: 'slow',
  completionStartTime: new Date(),
});
trace.generation({
  name: 'with prompt',
  model: 'gpt-4o',
  modelParameters: { temperature: 0.2, stop: ['x'] },
  prompt: { name: 'qa', version: 3, isFallback: false },
  input: [{ role: 'user', content: 'hi' }],
  endTime: new Date(),
});

const span = trace.span({ name: 'retrieval', input: 'query', metadata: { k: 4 } });
span
  .generation({ name: 'inside', model: 'gpt-4o-mini', input: 'in' })
  .end({ output: 'out', usage: { input: 7, output: 3 } });
span.event({ name: 'cache miss', level: 'DEBUG', metadata: { key: 'k1' } });
span.end({ output: ['doc'] });

trace.generation({ name: 'never ends', model: 'gpt-4o', input: 'in' });
trace.update({ output: 'Because.', tags: ['answered'], metadata: { answered: true } });

await langfuse.shutdownAsync();
console.log(JSON.stringify({ traceId: trace.id, customId: custom.id, spanId: span.id }));
