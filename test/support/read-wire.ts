import type { Protocol, ResponseReading, StreamAssembler } from '../../src/protocol/protocol.ts';
import { asObject, parseJson } from '../../src/util/json-read.ts';
import { SseParser } from '../../src/wire/sse.ts';

const MAX_TEXT_LENGTH = 1_000_000;

/** Feeds the bytes of an event stream, cut into these chunks, to a protocol's assembler. */
export function assemble(
  protocol: Protocol,
  chunks: readonly Uint8Array[],
  maxTextLength: number = MAX_TEXT_LENGTH,
): StreamAssembler {
  const assembler = protocol.streamAssembler(maxTextLength);
  const parser = new SseParser();
  for (const { event, data } of [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()]) {
    const parsed = asObject(parseJson(data));
    if (parsed) assembler.push(event === undefined ? { data: parsed } : { event, data: parsed });
  }
  return assembler;
}

/** Reads response bytes as what they are: a JSON body, else an event stream. */
export function readWire(protocol: Protocol, bytes: Uint8Array): ResponseReading {
  const body = asObject(parseJson(Buffer.from(bytes).toString('utf8'))) ?? assemble(protocol, [bytes]).body();
  return body ? protocol.readResponse(body) : {};
}
