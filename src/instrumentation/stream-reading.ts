import type { JsonObject } from '../model/json.ts';
import type { Protocol, StreamAssembler } from '../protocol/protocol.ts';
import { asObject, defined, parseJson } from '../util/json-read.ts';
import type { FramedEvent, FrameParser, Framing } from '../wire/framing.ts';
import type { Exchange } from './exchange.ts';

/** The events of one stream on their way into the protocol's assembler. */
export class StreamReading {
  readonly #assembler: StreamAssembler;
  readonly #parser: FrameParser;

  constructor(protocol: Protocol, framing: Framing, maxTextLength: number) {
    this.#assembler = protocol.streamAssembler(maxTextLength);
    this.#parser = framing.parser();
  }

  push(bytes: Uint8Array): void {
    this.#assemble(this.#parser.push(bytes));
  }

  /** The body as far as it came, and whether the provider said it was the end. `withheld` is an event kept apart. */
  end(withheld?: Uint8Array): { body: JsonObject | undefined; complete: boolean } {
    this.#assemble(this.#parser.end());
    if (withheld) this.#assemble(this.#parser.push(withheld));
    return { body: this.#assembler.body(), complete: this.#assembler.complete };
  }

  #assemble(events: readonly FramedEvent[]): void {
    for (const { event, data } of events) {
      const parsed = asObject(parseJson(data));
      if (parsed) this.#assembler.push({ data: parsed, ...defined({ event }) });
    }
  }
}

const readings = new WeakMap<Exchange, StreamReading>();

/** The reading of an exchange's stream, begun by the backlog of a long one or else when it has ended. */
export function streamReadingOf(exchange: Exchange, framing: Framing, maxTextLength: number): StreamReading {
  const existing = readings.get(exchange);
  if (existing) return existing;
  const reading = new StreamReading(exchange.protocol, framing, maxTextLength);
  readings.set(exchange, reading);
  return reading;
}

/** Reads what a long stream has buffered, so that its bytes need not wait in memory for the end. */
export function readBacklog(exchange: Exchange, maxTextLength: number): void {
  if (!exchange.framing) return;
  streamReadingOf(exchange, exchange.framing, maxTextLength).push(Buffer.concat(exchange.body.takeHead()));
}
