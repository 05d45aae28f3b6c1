import { decodeJson } from './decode-json.ts';
import { decodeProtobuf } from './decode-protobuf.ts';
import type { Decoded, Message } from './otlp-schema.ts';

/** How a client writes OTLP, and reads the answer. */
export type OtlpEncoding = 'json' | 'protobuf';

const DECODERS = { json: decodeJson, protobuf: decodeProtobuf };

const CONTENT_TYPES: ReadonlyMap<string, OtlpEncoding> = new Map([
  ['application/json', 'json'],
  ['application/x-protobuf', 'protobuf'],
]);

/** The encoding that a content type means; `undefined` for any other. */
export function encodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  return CONTENT_TYPES.get(contentType?.split(';')[0]?.trim().toLowerCase() ?? '');
}

/** @throws {MalformedBodyError} if the body is no such message. */
export function decode<M extends Message>(body: Buffer, encoding: OtlpEncoding, message: M): Decoded<M> {
  return DECODERS[encoding](body, message);
}
