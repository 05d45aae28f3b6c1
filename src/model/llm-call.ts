import type { Json } from './json.ts';
import type { Message, MessagePart, OutputMessage, ToolDefinition } from './message.ts';
import type { Problem } from './problem.ts';
import type { RawUsage, ReportedUsage } from './reported-usage.ts';

/** `gen_ai.operation.name`. */
export type Operation =
  | 'chat'
  | 'text_completion'
  | 'generate_content'
  | 'embeddings'
  | 'rerank'
  | (string & Record<never, never>);

/** Request parameters under the names of the GenAI conventions where they have one. */
export interface RequestParameters {
  temperature?: number;
  topP?: number;
  topK?: number;
  maxTokens?: number;
  stopSequences?: string[];
  seed?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  /** Number of choices asked for, when not 1. */
  choiceCount?: number;
  stream?: boolean;
  /** `text`, `json`, ... as `gen_ai.output.type`. */
  outputType?: string;
  /** The tier asked for; the one served is in {@link ReportedUsage.serviceTier}. */
  serviceTier?: string;
  /** `gen_ai.request.reasoning.level`. */
  reasoningLevel?: string;
  encodingFormats?: string[];
  dimensions?: number;
  /** Other parameters worth seeing, under the provider's own names. */
  other?: Record<string, Json>;
}

export interface CallError {
  /** The provider's own error type, else the HTTP status, else the client's error name: `error.type`. */
  type: string;
  message?: string;
  /** HTTP status of the response, if there was one. */
  status?: number;
}

/** What was asked of a model, what it answered and what the provider reported: the one model between both entrances and the exit. */
export interface LlmCall {
  operation: Operation;
  /** `gen_ai.provider.name`. */
  provider?: string;
  requestModel?: string;
  responseModel?: string;
  responseId?: string;
  conversationId?: string;
  /** `server.address` and `server.port`. */
  server?: { address: string; port?: number };
  parameters: RequestParameters;

  systemInstructions?: MessagePart[];
  input?: Message[];
  tools?: ToolDefinition[];
  output?: OutputMessage[];
  finishReasons?: string[];

  usage?: ReportedUsage;
  /** The usage object behind {@link LlmCall.usage}, verbatim. */
  rawUsage?: RawUsage;

  /** Seconds from the request to the first chunk of a streamed response. */
  timeToFirstChunk?: number;
  error?: CallError;
  problems: Problem[];
}
