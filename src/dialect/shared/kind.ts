import type { Operation } from '../../model/llm-call.ts';
import type { ObservationType } from '../dialect.ts';

/** What the work of a span is, to Langfuse and in the words of the GenAI conventions. */
export interface Kind {
  type: ObservationType;
  operation: Operation;
}

type KindName =
  | 'chat'
  | 'completion'
  | 'embedding'
  | 'tool'
  | 'agent'
  | 'workflow'
  | 'retriever'
  | 'reranker'
  | 'guardrail'
  | 'evaluator'
  | 'other';

/** Kinds that dialects have in common, for their tables. */
export const KIND: Readonly<Record<KindName, Kind>> = {
  chat: { type: 'generation', operation: 'chat' },
  completion: { type: 'generation', operation: 'text_completion' },
  embedding: { type: 'embedding', operation: 'embeddings' },
  tool: { type: 'tool', operation: 'execute_tool' },
  agent: { type: 'agent', operation: 'invoke_agent' },
  workflow: { type: 'chain', operation: 'invoke_workflow' },
  retriever: { type: 'retriever', operation: 'retrieval' },
  reranker: { type: 'retriever', operation: 'rerank' },
  guardrail: { type: 'guardrail', operation: 'guardrail' },
  evaluator: { type: 'evaluator', operation: 'evaluate' },
  /** Also what is newer than this package. */
  other: { type: 'span', operation: 'other' },
};
