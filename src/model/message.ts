/**
 * Messages in the shape of the GenAI semantic conventions (`gen_ai.input.messages`, `gen_ai.output.messages`).
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-input-messages.json
 */
import type { Json, JsonObject } from './json.ts';

export type MessagePart =
  | { type: 'text'; content: string }
  | { type: 'reasoning'; content: string }
  /** A refusal in the model's own words; the conventions have no part of their own for it. */
  | { type: 'refusal'; content: string }
  | { type: 'tool_call'; id?: string; name: string; arguments?: Json }
  | { type: 'tool_call_response'; id?: string; response: Json }
  /** A tool that ran at the provider (web search, code execution, ...), as the provider describes it. */
  | { type: 'server_tool_call'; id?: string; name: string; server_tool_call: JsonObject }
  | { type: 'server_tool_call_response'; id?: string; server_tool_call_response: JsonObject }
  /** Media that stays at its address. */
  | { type: 'uri'; modality: Modality; uri: string; mime_type?: string }
  | { type: 'file'; modality: Modality; file_id: string; mime_type?: string }
  /** Inline media. `content` is a placeholder with type and size: the bytes are never recorded. */
  | { type: 'blob'; modality: Modality; mime_type?: string; content: string }
  /** Anything newer than this package, as the provider sent it. */
  | { type: 'other'; content: Json };

export type Modality = 'text' | 'image' | 'audio' | 'video' | 'document';

export interface Message {
  role: string;
  name?: string;
  parts: MessagePart[];
}

/** One choice (candidate) of a response. */
export interface OutputMessage extends Message {
  finish_reason?: string;
}

/** A tool the model may call, as `gen_ai.tool.definitions` has it. */
export interface ToolDefinition {
  type: string;
  name: string;
  description?: string;
  parameters?: Json;
}
