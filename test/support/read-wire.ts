import type { ExchangeFacts, Protocol, ResponseReading, StreamAssembler } from '../../src/protocol/protocol.ts';
import { asObject, asObjects, parseJson } from '../../src/util/json-read.ts';
import { type Framing, framingOf, sniffFraming } from '../../src/wire/framing.ts';

const MAX_TEXT_LENGTH = 1_000_000;

/** An exchange at a host of no vendor. */
export const NO_FACTS: ExchangeFacts = factsOf({});

/** Facts as a fixture states them: `{ host, path, headers }`. */
export function factsOf(stated: { host?: unknown; path?: unknown; headers?: unknown }): ExchangeFacts {
  const headers = asObject(stated.headers) ?? {};
  return {
    host: String(stated.host ?? 'llm.example'),
    path: String(stated.path ?? '/'),
    responseHeader: (name) => headers[name]?.toString(),
  };
}

/** Feeds the bytes of a stream, cut into these chunks, to a protocol's assembler. */
export function assemble(
  protocol: Protocol,
  chunks: readonly Uint8Array[],
  maxTextLength: number = MAX_TEXT_LENGTH,
  framing: Framing = framingOf('text/event-stream') as Framing,
): StreamAssembler {
  const assembler = protocol.streamAssembler(maxTextLength);
  const parser = framing.parser();
  for (const { event, data } of [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()]) {
    const parsed = asObject(parseJson(data));
    if (parsed) assembler.push(event === undefined ? { data: parsed } : { event, data: parsed });
  }
  return assembler;
}

/** Reads response bytes as what they are: a JSON body, a JSON array of events, else a stream. */
export function readWire(
  protocol: Protocol,
  bytes: Uint8Array,
  facts: ExchangeFacts,
  contentType = '',
): ResponseReading {
  const parsed = parseJson(Buffer.from(bytes).toString('utf8'));
  if (Array.isArray(parsed)) {
    const assembler = protocol.streamAssembler(MAX_TEXT_LENGTH);
    for (const data of asObjects(parsed)) assembler.push({ data });
    return protocol.readResponse(assembler.body() ?? {}, facts);
  }
  const framing = framingOf(contentType) ?? sniffFraming(bytes);
  const body = asObject(parsed) ?? assemble(protocol, [bytes], MAX_TEXT_LENGTH, framing).body();
  return body ? protocol.readResponse(body, facts) : {};
}
