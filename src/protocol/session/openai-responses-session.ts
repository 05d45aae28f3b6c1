import { asObject, asString, defined } from '../../util/json-read.ts';
import { isApiPath } from '../api-path.ts';
import { openaiResponses } from '../openai-responses.ts';
import type { ExchangeFacts, StreamAssembler } from '../protocol.ts';
import type { SessionFacts, SessionMessage, SessionProtocol, SessionReader, Turn } from './session-protocol.ts';

/**
 * The Responses API over a WebSocket: each `response.create` is a request, and the messages until its end are the events of
 * its stream. The provider runs one at a time, in their order.
 * @see https://developers.openai.com/api/reference/resources/responses/websocket-events
 */
export const openaiResponsesSession: SessionProtocol = {
  id: 'openai.responses',
  matches: (path) => isApiPath(path, '/responses'),
  reader: (facts, maxTextLength) => new ResponsesSessionReader(facts, maxTextLength),
};

/** Requests that wait for their turn; of more, the oldest is forgotten. */
const MAX_WAITING = 16;

class ResponsesSessionReader implements SessionReader {
  model: string | undefined;
  conversationId: string | undefined;

  readonly #facts: ExchangeFacts;
  readonly #maxTextLength: number;
  readonly #asked: SessionMessage[] = [];
  #stream: StreamAssembler;
  #firstChunkAt: number | undefined;

  constructor({ host, path }: SessionFacts, maxTextLength: number) {
    this.#facts = { host, path, responseHeader: () => undefined };
    this.#maxTextLength = maxTextLength;
    this.#stream = openaiResponses.streamAssembler(maxTextLength);
  }

  sent(message: SessionMessage): Turn[] {
    if (message.data.type !== 'response.create') return [];
    if (this.#asked.length >= MAX_WAITING) this.#asked.shift();
    this.#asked.push(message);
    this.model = asString(message.data.model) ?? this.model;
    return [];
  }

  received({ at, data }: SessionMessage): Turn[] {
    // What comes between two responses belongs to none.
    const isUnasked = this.#asked.length === 0 && this.#stream.body() === undefined && !asObject(data.response);
    if (isUnasked) return [];
    if (asString(data.type)?.endsWith('.delta')) this.#firstChunkAt ??= at;
    this.#stream.push({ data });
    return this.#stream.complete ? [this.#take(at)] : [];
  }

  end(at: number): Turn[] {
    const turns: Turn[] = [];
    while (this.#asked.length > 0 || this.#stream.body()) turns.push(this.#take(at));
    return turns;
  }

  #take(endedAt: number): Turn {
    const asked = this.#asked.shift();
    const { complete } = this.#stream;
    const body = this.#stream.body() ?? {};
    const request = openaiResponses.readRequest(asked?.data ?? {}, this.#facts);
    const turn: Turn = {
      operation: openaiResponses.operation,
      startedAt: asked?.at ?? this.#firstChunkAt ?? endedAt,
      ...defined({ firstChunkAt: this.#firstChunkAt, asked }),
      endedAt,
      request: { ...request, parameters: { ...request.parameters, stream: true } },
      response: openaiResponses.readResponse(body, this.#facts),
      isComplete: complete,
    };
    this.#stream = openaiResponses.streamAssembler(this.#maxTextLength);
    this.#firstChunkAt = undefined;
    return turn;
  }
}
