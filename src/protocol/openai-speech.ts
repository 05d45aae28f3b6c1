import type { JsonObject } from '../model/json.ts';
import { asObject, asString, defined } from '../util/json-read.ts';
import { filePart } from '../util/media.ts';
import { isApiPath } from './api-path.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import type {
  OpaqueBody,
  Protocol,
  RequestReading,
  ResponseReading,
  StreamAssembler,
  StreamEvent,
} from './protocol.ts';
import { pickParameters, readUsageObject, textParts } from './reading.ts';

/**
 * Speech from text. The audio is not recorded.
 * @see https://platform.openai.com/docs/api-reference/audio/createSpeech
 */
export const openaiSpeech: Protocol = {
  id: 'openai.speech',
  operation: 'generate_content',
  matches: (path) => isApiPath(path, '/audio/speech'),
  readRequest,
  readResponse,
  readOpaque: (body) => ({ output: [{ role: 'assistant', parts: [audioPart(body)] }] }),
  readError: readErrorBody,
  streamAssembler: () => new SpeechStreamAssembler(),
};

function readRequest(body: JsonObject): RequestReading {
  const input = asString(body.input);
  const instructions = textParts(body.instructions);
  return {
    ...defined({ requestModel: asString(body.model) }),
    ...(input !== undefined && {
      input: [{ role: 'user', parts: textParts(input) }],
      // An answer of audio states no usage; it is billed by what it was made from. Characters are code points.
      units: { characters: Array.from(input).length },
    }),
    ...(instructions.length > 0 && { systemInstructions: instructions }),
    parameters: defined({
      stream: body.stream_format === 'sse' ? true : undefined,
      outputType: 'speech',
      other: pickParameters(body, ['voice', 'response_format', 'speed', 'language']),
    }),
  };
}

function readResponse(body: JsonObject): ResponseReading {
  return {
    ...defined({ error: readErrorObject(body.error) }),
    ...readUsageObject('openai.speech', body.usage),
  };
}

function audioPart({ mimeType, byteLength }: OpaqueBody): ReturnType<typeof filePart> {
  return filePart('audio', defined({ mime_type: mimeType, bytes: byteLength }));
}

/** Pieces of audio, and at the end what they cost. */
class SpeechStreamAssembler implements StreamAssembler {
  #body: JsonObject | undefined;
  complete = false;

  push({ data }: StreamEvent): void {
    if (data.type !== 'speech.audio.done' && !data.error) return;
    this.#body = defined({ usage: asObject(data.usage), error: data.error });
    this.complete = true;
  }

  body(): JsonObject | undefined {
    return this.#body;
  }
}
