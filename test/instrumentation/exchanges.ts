import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { Exchange, type ExchangeEvents } from '../../src/instrumentation/exchange.ts';
import { findProtocol } from '../../src/protocol/protocols.ts';
import type { Protocol } from '../../src/protocol/protocol.ts';

const SPAN: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

export const NO_EVENTS: ExchangeEvents = { onBacklog() {}, onEnd() {} };

/** An exchange of a protocol, with nobody at the other end. */
export function exchangeOf(
  protocol: Protocol,
  { host, path }: { host: string; path: string },
  events: ExchangeEvents = NO_EVENTS,
): Exchange {
  return new Exchange({ protocol, url: { host, path, secure: true }, span: SPAN, context: ROOT_CONTEXT }, events);
}

/** An exchange of the protocol that this path means at OpenAI. */
export function exchangeAt(path: string, events?: ExchangeEvents): Exchange {
  const url = { host: 'api.openai.com', path };
  return exchangeOf(findProtocol(url.path, url.host) as Protocol, url, events);
}

export const chatExchange = (events?: ExchangeEvents): Exchange => exchangeAt('/v1/chat/completions', events);

/** One event of a chat stream. */
export function chatEvent(chunk: object): Uint8Array {
  return Buffer.from(
    `data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'gpt-4o-2024-08-06', choices: [], ...chunk })}\n\n`,
  );
}

export const textChunk = (content: string): Uint8Array => chatEvent({ choices: [{ index: 0, delta: { content } }] });
