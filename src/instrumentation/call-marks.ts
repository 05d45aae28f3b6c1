import type { Attributes } from '@opentelemetry/api';
import type { Operation } from '../model/llm-call.ts';
import { GEN_AI } from '../semconv/attributes.ts';

/** What marks the span of one call to a model, and what of the call its instrumentation leaves to us. */
export interface CallMark {
  kind: CallKind | 'any';
  /** Whether it speaks the GenAI conventions; other dialects have names of their own for all but what is billed. */
  isConventional: boolean;
}

type CallKind = 'generation' | 'embedding' | 'rerank';

const GENERATION = ['chat', 'text_completion', 'generate_content'];
const KIND_OF: ReadonlyMap<unknown, CallKind> = new Map<unknown, CallKind>([
  ...GENERATION.map((operation) => [operation, 'generation'] as const),
  ['embeddings', 'embedding'],
  ['rerank', 'rerank'],
]);

interface MarkRow {
  attribute: string;
  /** The kind of call by the attribute's value; of any other value the span is no call. */
  kinds: ReadonlyMap<unknown, CallMark['kind']>;
  isConventional: boolean;
}

/** What spans have from their start, by dialect: the first that is there decides. */
const ROWS: readonly MarkRow[] = [
  {
    attribute: 'openinference.span.kind',
    kinds: new Map<unknown, CallKind>([
      ['LLM', 'generation'],
      ['EMBEDDING', 'embedding'],
      ['RERANKER', 'rerank'],
    ]),
    isConventional: false,
  },
  {
    attribute: 'ai.operationId',
    kinds: new Map<unknown, CallKind>([
      ['ai.generateText.doGenerate', 'generation'],
      ['ai.streamText.doStream', 'generation'],
      ['ai.generateObject.doGenerate', 'generation'],
      ['ai.streamObject.doStream', 'generation'],
      ['ai.embed.doEmbed', 'embedding'],
      ['ai.embedMany.doEmbed', 'embedding'],
      ['ai.rerank.doRerank', 'rerank'],
    ]),
    isConventional: false,
  },
  {
    attribute: 'langfuse.observation.type',
    kinds: new Map<unknown, CallMark['kind']>([
      // Langfuse's wrapper of the OpenAI client says so of embeddings, too.
      ['generation', 'any'],
      ['embedding', 'embedding'],
    ]),
    isConventional: false,
  },
  { attribute: GEN_AI.operation, kinds: KIND_OF, isConventional: true },
  {
    // OpenLLMetry, before its calls had an operation.
    attribute: 'llm.request.type',
    kinds: new Map<unknown, CallKind>([
      ['chat', 'generation'],
      ['completion', 'generation'],
      ['embedding', 'embedding'],
      ['rerank', 'rerank'],
    ]),
    isConventional: true,
  },
];

/** How the attributes mark a span as that of one call; `undefined` for all other spans. */
export function callMark(attributes: Attributes = {}): CallMark | undefined {
  const row = ROWS.find(({ attribute }) => attributes[attribute] !== undefined);
  const kind = row?.kinds.get(attributes[row.attribute]);
  return row && kind && { kind, isConventional: row.isConventional };
}

/** Whether a call of this operation may be the one that a span of this kind is for. */
export function isForCall({ kind }: CallMark, operation: Operation): boolean {
  const kindOfCall = KIND_OF.get(operation);
  return kind === 'any' ? kindOfCall !== undefined : kindOfCall === kind;
}

/** Where the model is that was asked for. */
const MODELS = ['gen_ai.request.model', 'llm.model_name', 'ai.model.id', 'langfuse.observation.model.name'];

export function modelOf({ attributes = {} }: { readonly attributes?: Attributes }): unknown {
  return MODELS.map((name) => attributes[name]).find((model) => model !== undefined);
}
