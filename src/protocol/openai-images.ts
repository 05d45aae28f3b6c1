import type { JsonObject } from '../model/json.ts';
import type { MessagePart } from '../model/message.ts';
import { asObjects, asString, defined } from '../util/json-read.ts';
import { blobPart, uriPart } from '../util/media.ts';
import { isApiPath } from './api-path.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { formBoolean, formFiles, formNumber } from './form-fields.ts';
import type { Protocol, RequestReading, ResponseReading, StreamAssembler, StreamEvent } from './protocol.ts';
import { pickParameters, readUsageObject, textParts } from './reading.ts';

/**
 * Images: generations, edits and variations. The images themselves are not recorded.
 * @see https://platform.openai.com/docs/api-reference/images
 */
export const openaiImages: Protocol = {
  id: 'openai.images',
  operation: 'generate_content',
  matches: (path) => PATHS.some((ending) => isApiPath(path, ending)),
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: () => new ImageStreamAssembler(),
};

const PATHS = ['/images/generations', '/images/edits', '/images/variations'] as const;

const OTHER_PARAMETERS = [
  'size',
  'quality',
  'style',
  'background',
  'moderation',
  'input_fidelity',
  'output_format',
  'output_compression',
  'partial_images',
  'response_format',
] as const;

function readRequest(body: JsonObject): RequestReading {
  const parts = [
    ...textParts(body.prompt),
    ...formFiles(body.images ?? body.image, 'image'),
    ...formFiles(body.mask, 'image'),
  ];
  const choiceCount = formNumber(body.n);
  return {
    ...defined({ requestModel: asString(body.model) }),
    ...(parts.length > 0 && { input: [{ role: 'user', parts }] }),
    parameters: defined({
      choiceCount: choiceCount === 1 ? undefined : choiceCount,
      stream: formBoolean(body.stream),
      outputType: 'image',
      other: pickParameters(body, OTHER_PARAMETERS),
    }),
  };
}

function readResponse(body: JsonObject): ResponseReading {
  const images = asObjects(body.data);
  const mimeType = `image/${asString(body.output_format) ?? 'png'}`;
  const reading: ResponseReading = {
    ...defined({ responseModel: asString(body.model) || undefined, error: readErrorObject(body.error) }),
    ...(images.length > 0 && {
      output: images.map((image) => ({ role: 'assistant', parts: imageParts(image, mimeType) })),
    }),
    ...readUsageObject('openai.images', body.usage),
  };
  // DALL·E states no usage: it is billed by the image.
  return reading.usage || images.length === 0 ? reading : { ...reading, units: { images: images.length } };
}

function imageParts(image: JsonObject, mimeType: string): MessagePart[] {
  const [address, data] = [asString(image.url), asString(image.b64_json)];
  return [
    ...textParts(image.revised_prompt),
    ...(address === undefined ? [] : [uriPart('image', address)]),
    ...(data === undefined ? [] : [blobPart('image', data, mimeType)]),
  ];
}

/** Only the end of the stream has the image that counts; those before it are previews of it. */
class ImageStreamAssembler implements StreamAssembler {
  #body: JsonObject | undefined;
  complete = false;

  push({ data }: StreamEvent): void {
    const { b64_json: image, error, usage, output_format: format } = data;
    if (error) this.#body = { ...this.#body, error };
    else if (asString(data.type)?.endsWith('.completed')) {
      const images = [...asObjects(this.#body?.data), defined({ b64_json: image })];
      this.#body = { ...defined({ output_format: format, usage }), data: images };
    } else return;
    this.complete = true;
  }

  body(): JsonObject | undefined {
    return this.#body;
  }
}
