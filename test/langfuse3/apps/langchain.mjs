// LangChain with the handler of the former SDK. The model answers with the usage it is told to.
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage } from '@langchain/core/messages';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { CallbackHandler } from 'langfuse-langchain';

class ToldModel extends BaseChatModel {
  constructor(fields) {
    super(fields);
    this.model = fields.model;
    this.usage = fields.usage;
  }

  _llmType() {
    return 'told';
  }

  invocationParams() {
    return { model: this.model, temperature: 0.3 };
  }

  async _generate() {
    const message = new AIMessage({
      content: 'an answer',
      usage_metadata: this.usage,
      response_metadata: { model_name: this.model },
    });
    return { generations: [{ text: 'an answer', message }] };
  }
}

const traceIds = [];
for (const { model, usage } of JSON.parse(process.env.CALLS)) {
  const handler = new CallbackHandler({
    userId: 'user-123',
    sessionId: 'conversation-456',
    tags: ['feature:document-qa'],
    metadata: { feature: 'document-qa' },
  });
  const chain = ChatPromptTemplate.fromTemplate('Answer {question}').pipe(new ToldModel({ model, usage }));
  await chain.invoke({ question: 'why?' }, { callbacks: [handler] });
  await handler.shutdownAsync();
  traceIds.push(handler.traceId ?? handler.getTraceId?.());
}
console.log(JSON.stringify({ traceIds }));
