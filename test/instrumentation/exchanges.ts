import { INVALID_SPAN_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { Exchange, type ExchangeEvents } from '../../src/instrumentation/exchange.ts';
import { findProtocol } from '../../src/protocol/protocols.ts';
import type { Protocol } from '../../src/protocol/protocol.ts';

const SPAN: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

export const NO_EVENTS: ExchangeEvents = { onBacklog() {}, onEnd() {} };

/** A chat exchange with nobody at the other end. */
export function chatExchange(events: ExchangeEvents = NO_EVENTS): Exchange {
  return exchangeAt('/v1/chat/completions', events);
}

/** An exchange of the protocol that this path means at OpenAI. */
export function exchangeAt(path: string, events: ExchangeEvents = NO_EVENTS): Exchange {
  const protocol = findProtocol(path, 'api.openai.com') as Protocol;
  const url = { host: 'api.openai.com', path, secure: true };
  return new Exchange({ protocol, url, span: SPAN, tagged: false }, events);
}

/** One event of a chat stream. */
export function chatEvent(chunk: object): Uint8Array {
  return Buffer.from(
    `data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'gpt-4o-2024-08-06', choices: [], ...chunk })}\n\n`,
  );
}

export const textChunk = (content: string): Uint8Array => chatEvent({ choices: [{ index: 0, delta: { content } }] });
