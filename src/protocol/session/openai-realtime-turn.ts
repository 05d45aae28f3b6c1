import type { Json, JsonObject } from '../../model/json.ts';
import { asCount, asNumber, asObject, asObjects, asString, asStrings, defined } from '../../util/json-read.ts';
import { readErrorObject } from '../error.ts';
import { readTool } from '../openai-responses.ts';
import { ResponseStreamAssembler } from '../openai-responses-stream.ts';
import type { RequestReading, ResponseReading } from '../protocol.ts';
import { pickParameters, readUsageObject, textParts } from '../reading.ts';
import { base64Bytes } from './streamed-media.ts';
import { type ItemAudio, readAudioFormat, readItems, type TakenItems } from './openai-realtime-items.ts';
import type { SessionMessage, Turn } from './session-protocol.ts';

interface TurnStart {
  asked?: SessionMessage;
  startedAt: number;
  maxTextLength: number;
  /** The session as it was configured when the turn began. */
  session: JsonObject;
  items: TakenItems;
}

/** One response of a Realtime session while it happens. */
export class RealtimeTurn {
  readonly #start: TurnStart;
  readonly #stream: ResponseStreamAssembler;
  readonly #audio = new Map<string, ItemAudio>();
  readonly #itemIds = new Set<unknown>();
  #firstChunkAt: number | undefined;

  constructor(start: TurnStart) {
    this.#start = start;
    this.#stream = new ResponseStreamAssembler(start.maxTextLength);
  }

  push({ at, data }: SessionMessage): void {
    const type = asString(data.type) ?? '';
    if (type === 'response.output_item.added') this.#itemIds.add(asObject(data.item)?.id);
    if (type.endsWith('.delta')) this.#firstChunkAt ??= at;
    if (AUDIO_DELTAS.has(type)) this.#addAudio(asString(data.item_id) ?? '', asString(data.delta));
    else this.#stream.push({ data });
  }

  /** Whether an item is one that this response has said. */
  hasItem(id: unknown): boolean {
    return this.#itemIds.has(id);
  }

  setTranscript(id: string, contentIndex: Json | undefined, transcript: string): void {
    this.#start.items.setTranscript(id, contentIndex, transcript);
  }

  end(endedAt: number): Turn {
    const { asked, startedAt } = this.#start;
    return {
      operation: 'chat',
      startedAt,
      ...defined({ firstChunkAt: this.#firstChunkAt, asked }),
      endedAt,
      request: this.#request(),
      response: this.#response(this.#stream.body() ?? {}),
      isComplete: this.#stream.complete,
    };
  }

  #addAudio(id: string, delta: string | undefined): void {
    const audio = this.#audio.get(id) ?? { bytes: 0, format: outputFormatOf(this.#start.session) };
    audio.bytes += base64Bytes(delta);
    this.#audio.set(id, audio);
  }

  /** What the request says goes before what the session is configured to. */
  #request(): RequestReading {
    const { asked, session, items } = this.#start;
    const own = asObject(asked?.data.response);
    const config: JsonObject = { ...session, ...own };
    const input = own?.input === undefined ? items.messages() : readItems(asObjects(own.input), new Map());
    const instructions = textParts(config.instructions);
    const tools = asObjects(config.tools);
    const [modality] = asStrings(config.output_modalities) ?? asStrings(config.modalities)?.toSorted() ?? [];
    return {
      ...defined({ requestModel: asString(session.model) }),
      ...(instructions.length > 0 && { systemInstructions: instructions }),
      ...(input.length > 0 && { input }),
      ...(tools.length > 0 && { tools: tools.map(readTool) }),
      parameters: defined({
        temperature: asNumber(config.temperature),
        maxTokens: asCount(config.max_output_tokens ?? config.max_response_output_tokens),
        outputType: modality === 'audio' ? 'speech' : modality,
        reasoningLevel: asString(asObject(config.reasoning)?.effort),
        stream: true,
        other: pickParameters({ ...config, voice: voiceOf(config), prompt: promptOf(config) }, OTHER_PARAMETERS),
      }),
    };
  }

  #response(body: JsonObject): ResponseReading {
    const details = asObject(body.status_details);
    const status = asString(body.status);
    const finishReason = status === 'in_progress' ? undefined : (asString(details?.reason) ?? status);
    const [message] = readItems(asObjects(body.output), this.#audio);
    return {
      ...defined({
        responseModel: asString(this.#start.session.model),
        responseId: asString(body.id),
        conversationId: asString(body.conversation_id),
        error: readErrorObject(details?.error ?? body.error),
      }),
      ...(message && { output: [{ ...message, role: 'assistant', ...defined({ finish_reason: finishReason }) }] }),
      ...(finishReason !== undefined && { finishReasons: [finishReason] }),
      ...readUsageObject('openai.realtime', body.usage),
    };
  }
}

const AUDIO_DELTAS = new Set(['response.output_audio.delta', 'response.audio.delta']);

const OTHER_PARAMETERS = ['voice', 'tool_choice', 'conversation', 'metadata', 'prompt'] as const;

function outputFormatOf(session: JsonObject): ItemAudio['format'] {
  return readAudioFormat(asObject(asObject(session.audio)?.output)?.format ?? session.output_audio_format);
}

/** Which template, without what is filled into it: that is content. */
function promptOf({ prompt }: JsonObject): Json | undefined {
  const { id, version } = asObject(prompt) ?? {};
  return id === undefined ? undefined : defined({ id, version });
}

function voiceOf(config: JsonObject): Json | undefined {
  return asObject(asObject(config.audio)?.output)?.voice ?? config.voice;
}
