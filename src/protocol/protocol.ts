import type { JsonObject } from '../model/json.ts';
import type { CallError, LlmCall, Operation } from '../model/llm-call.ts';

/** What is known of an exchange besides its bodies. */
export interface ExchangeFacts {
  /** As in the `Host` header. */
  host: string;
  /** Of the URL, without the query. */
  path: string;
  /** A response header by its lower-case name. */
  responseHeader(name: string): string | undefined;
}

/**
 * Billable units (as in `ReportedUsage.units`) that a body implies without a usage object: what the answer implies
 * goes before what the request does, and a usage object before both.
 */
interface ImpliedUnits {
  units?: Record<string, number>;
}

/** What a request says about the call. `operation` is stated where the protocol serves several. */
export type RequestReading = { operation?: Operation } & ImpliedUnits &
  Pick<LlmCall, 'requestModel' | 'parameters' | 'systemInstructions' | 'input' | 'tools' | 'conversationId'>;

/** What a response says about the call. */
export type ResponseReading = ImpliedUnits &
  Pick<
    LlmCall,
    'responseModel' | 'responseId' | 'output' | 'finishReasons' | 'usage' | 'rawUsage' | 'conversationId' | 'error'
  >;

/** A response that is neither JSON nor a stream of events: media or plain text. */
export interface OpaqueBody {
  mimeType?: string;
  /** Size, where it is known. */
  byteLength?: number;
  text(): string;
}

/** One server-sent event or line of a streamed response, its data parsed. */
export interface StreamEvent {
  /** The `event:` field, if the server sent one. */
  event?: string;
  data: JsonObject;
}

/**
 * Puts the events of a streamed response together as the body the server would have sent without streaming,
 * so that one reader serves both. It must accept a stream cut at any event.
 */
export interface StreamAssembler {
  push(event: StreamEvent): void;
  /** The body as far as it has arrived; `undefined` before the first meaningful event. */
  body(): JsonObject | undefined;
  /** Whether the provider's own end of the response (finish reason, `message_stop`, an error, ...) was seen. */
  readonly complete: boolean;
}

/** A wire protocol: pure functions, no I/O, no state but an assembler's. Bodies are not trusted to have any shape. */
export interface Protocol {
  /** `<vendor>.<api>`, e.g. `openai.chat`. */
  readonly id: string;
  readonly operation: Operation;
  /**
   * Whether a POST to this path (no query) at this host is a call of this protocol. Called for every request of the
   * process: one cheap test, the host only to tell apart paths that two vendors use.
   */
  matches(path: string, host: string): boolean;
  /**
   * Of paths that apps' own APIs have too: whether a request with this text is another API's. Asked where the text is at
   * hand before the request is sent: one cheap test.
   */
  isForeign?(requestText: string, host: string): boolean;
  readRequest(body: JsonObject, facts: ExchangeFacts): RequestReading;
  readResponse(body: JsonObject, facts: ExchangeFacts): ResponseReading;
  /** Of an API that answers with media or plain text; others always answer in JSON. */
  readOpaque?(body: OpaqueBody): ResponseReading;
  /** Reads the body of a response with an error status. */
  readError(body: JsonObject | undefined, status: number, facts: ExchangeFacts): CallError;
  /** @param maxTextLength characters of content to keep over the whole response; what is beyond is cut with a marker. */
  streamAssembler(maxTextLength: number): StreamAssembler;
}
