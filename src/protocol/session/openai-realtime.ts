import type { JsonObject } from '../../model/json.ts';
import { asObject, asString, defined } from '../../util/json-read.ts';
import { isApiPath } from '../api-path.ts';
import { ContentBudget } from '../content-budget.ts';
import { readErrorObject } from '../error.ts';
import { readUsageObject, textParts } from '../reading.ts';
import { base64Bytes } from './streamed-media.ts';
import { setBounded } from './bounded.ts';
import { FreshItems, readAudioFormat, TakenItems } from './openai-realtime-items.ts';
import { RealtimeTurn } from './openai-realtime-turn.ts';
import type { SessionFacts, SessionMessage, SessionProtocol, SessionReader, Turn } from './session-protocol.ts';

/**
 * The Realtime API of OpenAI, Azure and those who copy it (xAI), in its present and its former version.
 * @see https://platform.openai.com/docs/api-reference/realtime-server-events
 */
export const openaiRealtime: SessionProtocol = {
  id: 'openai.realtime',
  matches: (path) => isApiPath(path, '/realtime'),
  reader: (facts, maxTextLength) => new RealtimeReader(facts, maxTextLength),
};

/** Requests without a response yet, and responses without an end; of more, the oldest is forgotten. */
const MAX_OPEN = 16;

const NO_ITEMS = new TakenItems(new Map(), new Map(), new ContentBudget(0));

type Handler = (data: JsonObject, message: SessionMessage) => Turn[] | void;

class RealtimeReader implements SessionReader {
  model: string | undefined;
  conversationId: string | undefined;

  readonly #maxTextLength: number;
  readonly #fresh: FreshItems;
  #session: JsonObject = {};
  readonly #asked: SessionMessage[] = [];
  /** By response id. */
  readonly #turns = new Map<string, RealtimeTurn>();
  /** Bytes of audio sent since the last item was made of them, and when that began. */
  #audioBytes = 0;
  #audioSince: number | undefined;
  /** When the audio of an item began, for its transcription. */
  readonly #spokenAt = new Map<string, number>();

  constructor({ query }: SessionFacts, maxTextLength: number) {
    // Azure names a deployment.
    this.model = query.get('model') ?? query.get('deployment') ?? undefined;
    this.#maxTextLength = maxTextLength;
    this.#fresh = new FreshItems(maxTextLength);
  }

  sent(message: SessionMessage): Turn[] {
    return this.#handle(this.#onSent, message);
  }

  received(message: SessionMessage): Turn[] {
    const type = asString(message.data.type) ?? '';
    if (type.startsWith('response.') && !this.#onReceived[type]) {
      this.#turns.get(responseIdOf(message.data))?.push(message);
      return [];
    }
    return this.#handle(this.#onReceived, message);
  }

  end(at: number): Turn[] {
    const turns = [...this.#turns.values()].map((turn) => turn.end(at));
    const unanswered = this.#asked.map((asked) => this.#begin(asked.at, asked).end(at));
    this.#turns.clear();
    this.#asked.length = 0;
    return [...turns, ...unanswered];
  }

  #handle(handlers: Readonly<Record<string, Handler>>, message: SessionMessage): Turn[] {
    const { data } = message;
    const type = asString(data.type) ?? '';
    return (Object.hasOwn(handlers, type) && handlers[type]?.(data, message)) || [];
  }

  readonly #onSent: Readonly<Record<string, Handler>> = {
    'response.create': (_data, message) => {
      if (this.#asked.length >= MAX_OPEN) this.#asked.shift();
      this.#asked.push(message);
    },
    'input_audio_buffer.append': ({ audio }, { at }) => {
      this.#audioSince ??= at;
      this.#audioBytes += base64Bytes(asString(audio));
    },
    'input_audio_buffer.clear': () => void this.#takeAudio(),
  };

  readonly #onReceived: Readonly<Record<string, Handler>> = {
    'session.created': ({ session }) => this.#configure(session),
    'session.updated': ({ session }) => this.#configure(session),
    'transcription_session.created': ({ session }) => this.#configure(session),
    'transcription_session.updated': ({ session }) => this.#configure(session),
    'conversation.created': ({ conversation }) => {
      this.conversationId = asString(asObject(conversation)?.id) ?? this.conversationId;
    },
    'conversation.item.created': ({ item }) => this.#addItem(item),
    'conversation.item.added': ({ item }) => this.#addItem(item),
    'conversation.item.done': ({ item }) => this.#addItem(item),
    'conversation.item.deleted': ({ item_id }) => this.#fresh.delete(asString(item_id) ?? ''),
    'input_audio_buffer.committed': ({ item_id }, { at }) => this.#commit(asString(item_id) ?? '', at),
    'conversation.item.input_audio_transcription.completed': (data, { at }) => [this.#transcribed(data, at)],
    'conversation.item.input_audio_transcription.failed': (data, { at }) => [this.#transcribed(data, at)],
    'response.created': (data, message) => this.#onCreated(data, message),
    'response.done': (data, message) => this.#onDone(data, message),
    error: (data, { at }) => this.#onError(data, at),
  };

  #configure(session: unknown): void {
    this.#session = { ...this.#session, ...asObject(session) };
    this.model = asString(this.#session.model) ?? this.model;
    this.conversationId ??= asString(this.#session.id);
  }

  /** What a response says becomes an item as well. */
  #addItem(value: unknown): void {
    const item = asObject(value);
    const isAnswer = [...this.#turns.values()].some((turn) => turn.hasItem(item?.id));
    if (item && !isAnswer) this.#fresh.set(item);
  }

  #takeAudio(): { bytes: number; since: number | undefined } {
    const audio = { bytes: this.#audioBytes, since: this.#audioSince };
    this.#audioBytes = 0;
    this.#audioSince = undefined;
    return audio;
  }

  #commit(id: string, at: number): void {
    const { bytes, since = at } = this.#takeAudio();
    const input = asObject(asObject(this.#session.audio)?.input);
    this.#fresh.setAudio(id, { bytes, format: readAudioFormat(input?.format ?? this.#session.input_audio_format) });
    setBounded(this.#spokenAt, id, since, MAX_OPEN);
  }

  #begin(startedAt: number, asked?: SessionMessage): RealtimeTurn {
    const request = asObject(asked?.data.response);
    // A response outside the conversation is asked with items of its own.
    const isOutside = request?.conversation === 'none' || request?.input !== undefined;
    return this.#beginWith(isOutside ? NO_ITEMS : this.#fresh.take(), startedAt, asked);
  }

  #beginWith(items: TakenItems, startedAt: number, asked?: SessionMessage): RealtimeTurn {
    const session = { ...this.#session, ...defined({ model: this.model }) };
    return new RealtimeTurn({ ...defined({ asked }), startedAt, maxTextLength: this.#maxTextLength, session, items });
  }

  #onCreated(data: JsonObject, message: SessionMessage): void {
    const asked = this.#asked.shift();
    const turn = this.#begin(asked?.at ?? message.at, asked);
    turn.push(message);
    setBounded(this.#turns, responseIdOf(data), turn, MAX_OPEN);
  }

  #onDone(data: JsonObject, message: SessionMessage): Turn[] {
    const id = responseIdOf(data);
    const turn = this.#turns.get(id) ?? this.#begin(message.at);
    this.#turns.delete(id);
    turn.push(message);
    return [turn.end(message.at)];
  }

  /** An error may answer any message; one that asked for a response gets none. */
  #onError({ error: value }: JsonObject, at: number): Turn[] {
    const error = asObject(value);
    const index = this.#asked.findIndex(({ data }) => data.event_id !== undefined && data.event_id === error?.event_id);
    const isRefusal = index === -1 && error?.code === 'conversation_already_has_active_response';
    const [asked] = this.#asked.splice(isRefusal ? -1 : index, index === -1 && !isRefusal ? 0 : 1);
    if (!asked) return [];
    // What it was to answer waits for the next.
    const turn = this.#beginWith(NO_ITEMS, asked.at, asked).end(at);
    return [{ ...turn, response: defined({ error: readErrorObject(error) }), isComplete: true }];
  }

  /** The model that writes down what was said is another one, billed apart. */
  #transcribed({ item_id, content_index, transcript, usage, error }: JsonObject, endedAt: number): Turn {
    const id = asString(item_id) ?? '';
    const text = new ContentBudget(this.#maxTextLength).take(asString(transcript) ?? '');
    for (const items of [this.#fresh, ...this.#turns.values()]) items.setTranscript(id, content_index, text);
    const startedAt = this.#spokenAt.get(id) ?? endedAt;
    this.#spokenAt.delete(id);
    const audio =
      asObject(asObject(this.#session.audio)?.input)?.transcription ?? this.#session.input_audio_transcription;
    const parts = textParts(text);
    return {
      operation: 'transcription',
      startedAt,
      endedAt,
      request: { ...defined({ requestModel: asString(asObject(audio)?.model) }), parameters: { outputType: 'text' } },
      response: {
        ...(parts.length > 0 && { output: [{ role: 'assistant', parts }] }),
        ...defined({ error: readErrorObject(error) }),
        ...readUsageObject('openai.transcription', usage),
      },
      isComplete: true,
    };
  }
}

function responseIdOf({ response, response_id }: JsonObject): string {
  return asString(asObject(response)?.id) ?? asString(response_id) ?? '';
}
