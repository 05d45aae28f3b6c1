import type { LlmCall } from '../model/llm-call.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import type { UsageDetails } from '../model/usage.ts';

/** What a span is to Langfuse: its observation types. */
export type ObservationType =
  | 'generation'
  | 'embedding'
  | 'agent'
  | 'tool'
  | 'chain'
  | 'retriever'
  | 'guardrail'
  | 'evaluator'
  | 'span';

/** What a span says, in our terms. */
export interface DialectReading {
  type: ObservationType;
  /** Of a span that reports a model call or its usage, its own or that of spans inside it. */
  call?: LlmCall;
  /** Input and output of a span that is no model call (a tool, a workflow), as recorded. */
  input?: string;
  output?: string;
  /** The same of the trace, where the span says it. */
  traceInput?: string;
  traceOutput?: string;
  /**
   * Usage, disjoint as Langfuse has it, that the app itself stated, and the attributes in which it did, which hold as
   * they are unless spans below account for some of the usage.
   */
  stated?: { usage?: UsageDetails; attributes: SpanAttributes };
  promptName?: string;
  /** Of the trace; where the dialect has names of its own for what Langfuse reads from `user.id` and `session.id`. */
  userId?: string;
  sessionId?: string;
  tags?: readonly string[];
  /** What has no place of its own. */
  metadata: Record<string, unknown>;
}

/** The attributes of one family of instrumentations. Pure; a span is not trusted to have any shape. */
export interface Dialect {
  readonly id: string;
  /**
   * Whether the span is an LLM span of this dialect. Called for every span of a pipeline: one cheap test.
   * @param scope name of the instrumentation that made the span, empty where that is not known.
   */
  recognises(attributes: SpanAttributes, scope: string): boolean;
  read(span: SpanView): DialectReading;
  /** Whether a reading carries this attribute, so that it need not be sent a second time. */
  carries(attribute: string): boolean;
  /** The same for events. */
  carriesEvent(name: string): boolean;
}
