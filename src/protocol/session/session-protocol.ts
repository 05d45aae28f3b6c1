import type { JsonObject } from '../../model/json.ts';
import type { Operation } from '../../model/llm-call.ts';
import type { RequestReading, ResponseReading } from '../protocol.ts';

/** One JSON message of a session. */
export interface SessionMessage {
  /** When it was sent or received, in milliseconds of any one clock. */
  readonly at: number;
  readonly data: JsonObject;
}

/** One call within a session: what made the model run, what it answered, what it cost. Times as of the messages. */
export interface Turn {
  operation: Operation;
  startedAt: number;
  /** When the first of the answer arrived. */
  firstChunkAt?: number;
  endedAt: number;
  /** What of the session and of the messages since the turn before it the model was asked with. */
  request: RequestReading;
  response: ResponseReading;
  /** The app's own message that asked for it, if one did: a model may also answer because somebody has stopped speaking. */
  asked?: SessionMessage;
  /** Whether the provider's own end of the turn was seen. */
  isComplete: boolean;
}

/** What is known of a session besides its messages. */
export interface SessionFacts {
  /** As in the `Host` header. */
  host: string;
  /** Of the URL, without the query. */
  path: string;
  query: URLSearchParams;
}

/** Follows the messages of one session in their order. Each call returns the turns it ends. Messages may have any shape. */
export interface SessionReader {
  sent(message: SessionMessage): Turn[];
  received(message: SessionMessage): Turn[];
  /** The connection is gone: the turns that were under way end as they are. */
  end(at: number): Turn[];
  /** The model of the session, as far as it is known. */
  readonly model: string | undefined;
  /** The provider's name for the session or conversation. */
  readonly conversationId: string | undefined;
}

/** A protocol of many calls over one connection with messages in both directions: pure but for its reader's state. */
export interface SessionProtocol {
  /** `<vendor>.<api>`, e.g. `openai.realtime`. */
  readonly id: string;
  /** Whether a WebSocket to this path (no query) at this host speaks this protocol. */
  matches(path: string, host: string): boolean;
  /** @param maxTextLength characters of content to keep of each side of a turn; what is beyond is cut with a marker. */
  reader(facts: SessionFacts, maxTextLength: number): SessionReader;
}
