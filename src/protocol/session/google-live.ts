import type { JsonObject } from '../../model/json.ts';
import { asObject, asString } from '../../util/json-read.ts';
import { field } from '../google-content.ts';
import { modelName } from '../google-path.ts';
import { LiveTurn } from './google-live-turn.ts';
import type { SessionMessage, SessionProtocol, SessionReader, Turn } from './session-protocol.ts';

/**
 * The Live API of Gemini and Vertex AI.
 * @see https://ai.google.dev/api/live
 */
export const googleLive: SessionProtocol = {
  id: 'gcp.gemini.live',
  matches: (path) => path.endsWith('BidiGenerateContent') || path.endsWith('BidiGenerateContentConstrained'),
  reader: (_facts, maxTextLength) => new LiveReader(maxTextLength),
};

/**
 * A turn is one run of the model: it ends when the turn is complete, or with a call of a tool, whose result is the input of
 * the next. Each run has a usage of its own, in the message that ends it or in one of its own after that.
 */
class LiveReader implements SessionReader {
  model: string | undefined;
  conversationId: string | undefined;

  readonly #maxTextLength: number;
  #setup: JsonObject = {};
  #turn: LiveTurn;
  /** Ended, and without a usage so far. */
  #ended: LiveTurn | undefined;

  constructor(maxTextLength: number) {
    this.#maxTextLength = maxTextLength;
    this.#turn = new LiveTurn(this.#setup, maxTextLength);
  }

  sent(message: SessionMessage): Turn[] {
    const { data } = message;
    const setup = asObject(data.setup);
    if (setup) this.#configure(setup);
    const content = asObject(field(data, 'clientContent'));
    const input = asObject(field(data, 'realtimeInput'));
    const results = asObject(field(data, 'toolResponse'));
    if (content) this.#turn.addContents(field(content, 'turns'), message);
    if (input) this.#turn.addRealtimeInput(input, message);
    if (results) this.#turn.addToolResults(field(results, 'functionResponses'), message);
    return [];
  }

  received({ at, data }: SessionMessage): Turn[] {
    const content = asObject(data.serverContent);
    const calls = asObject(data.toolCall);
    const usage = asObject(data.usageMetadata);
    const turns = content || calls ? this.#flush() : [];
    if (content) this.#turn.addAnswer(content, at);
    if (calls) this.#turn.addToolCalls(calls.functionCalls, at);
    // A usage alone, after the end of a turn, is that turn's.
    if (usage) (this.#ended ?? this.#turn).usage = usage;
    if (calls || content?.turnComplete === true) this.#end(at);
    return this.#ended?.usage ? [...turns, ...this.#flush()] : turns;
  }

  end(at: number): Turn[] {
    const turns = this.#flush();
    if (this.#turn.isBegun) this.#end(at);
    return [...turns, ...this.#flush()];
  }

  #configure(setup: JsonObject): void {
    this.#setup = setup;
    this.model = modelName(asString(setup.model));
    this.#turn = new LiveTurn(setup, this.#maxTextLength);
  }

  #end(at: number): void {
    this.#turn.endedAt = at;
    this.#ended = this.#turn;
    this.#turn = new LiveTurn(this.#setup, this.#maxTextLength);
  }

  #flush(): Turn[] {
    const turn = this.#ended?.toTurn();
    this.#ended = undefined;
    return turn ? [turn] : [];
  }
}
