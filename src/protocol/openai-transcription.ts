import type { JsonObject } from '../model/json.ts';
import { asNumber, asObject, asString, defined } from '../util/json-read.ts';
import { isApiPath } from './api-path.ts';
import { ContentBudget } from './content-budget.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { formBoolean, formFiles, formNumber } from './form-fields.ts';
import type {
  ExchangeFacts,
  Protocol,
  RequestReading,
  ResponseReading,
  StreamAssembler,
  StreamEvent,
} from './protocol.ts';
import { pickParameters, readUsageObject, textParts } from './reading.ts';

/**
 * Text from audio: transcriptions, and translations into English. The audio is not recorded.
 * @see https://platform.openai.com/docs/api-reference/audio/createTranscription
 */
export const openaiTranscription: Protocol = {
  id: 'openai.transcription',
  operation: 'transcription',
  matches: (path) => isApiPath(path, '/audio/transcriptions') || isApiPath(path, '/audio/translations'),
  readRequest,
  readResponse,
  // The formats `text`, `srt` and `vtt` are not JSON.
  readOpaque: (body) => readText(body.text()),
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new TranscriptStreamAssembler(maxTextLength),
};

const OTHER_PARAMETERS = [
  'language',
  'response_format',
  'timestamp_granularities',
  'chunking_strategy',
  'include',
  'diarize',
] as const;

function readRequest(body: JsonObject, { path }: ExchangeFacts): RequestReading {
  const parts = [...textParts(body.prompt), ...formFiles(body.file ?? body.url ?? body.file_url, 'audio')];
  return {
    ...(path.endsWith('/translations') && { operation: 'translation' }),
    ...defined({ requestModel: asString(body.model) }),
    ...(parts.length > 0 && { input: [{ role: 'user', parts }] }),
    parameters: defined({
      temperature: formNumber(body.temperature),
      stream: formBoolean(body.stream),
      outputType: 'text',
      other: pickParameters(body, OTHER_PARAMETERS),
    }),
  };
}

function readResponse(body: JsonObject): ResponseReading {
  const reading: ResponseReading = {
    ...defined({ responseModel: asString(body.model) || undefined, error: readErrorObject(body.error) }),
    ...readText(body.text),
    ...readUsageObject('openai.transcription', body.usage),
  };
  const seconds = asNumber(body.duration);
  return reading.usage || seconds === undefined ? reading : { ...reading, units: { seconds } };
}

function readText(text: unknown): ResponseReading {
  const parts = textParts(text);
  return parts.length > 0 ? { output: [{ role: 'assistant', parts }] } : {};
}

/** Pieces of text, then all of it again with the usage. */
class TranscriptStreamAssembler implements StreamAssembler {
  readonly #budget: ContentBudget;
  #body: JsonObject | undefined;
  complete = false;

  constructor(maxTextLength: number) {
    this.#budget = new ContentBudget(maxTextLength);
  }

  push({ data }: StreamEvent): void {
    if (data.type === 'transcript.text.delta') {
      const text = asString(this.#body?.text) ?? '';
      this.#body = { ...this.#body, text: text + this.#budget.take(asString(data.delta) ?? '') };
      return;
    }
    if (data.type !== 'transcript.text.done' && !data.error) return;
    // What the pieces gave is within the budget; a server that sends none of them still has its text read.
    const text = this.#body?.text ?? this.#budget.take(asString(data.text) ?? '');
    this.#body = { ...this.#body, text, ...defined({ usage: asObject(data.usage), error: data.error }) };
    this.complete = true;
  }

  body(): JsonObject | undefined {
    return this.#body;
  }
}
