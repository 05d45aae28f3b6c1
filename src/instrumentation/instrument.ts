import type { Attributes, Context, Span, TracerProvider } from '@opentelemetry/api';
import type { Config } from '../config/config.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { Protocol } from '../protocol/protocol.ts';
import type { SessionProtocol } from '../protocol/session/session-protocol.ts';
import { spanName, spanStatus, toAttributes } from '../semconv/write.ts';
import { countTaskOf } from '../tokens/count-task.ts';
import { TokenCounter } from '../tokens/token-counter.ts';
import { guard } from '../util/guard.ts';
import { registerPendingWork } from '../util/pending-work.ts';
import { AiTelemetry } from './ai-telemetry.ts';
import { missingCounts, withEstimate } from './estimate.ts';
import { Exchange, type RequestUrl } from './exchange.ts';
import { Finishing } from './finishing.ts';
import { readExchange } from './read-exchange.ts';
import type { Session, SessionUrl } from './session.ts';
import { Sessions } from './sessions.ts';
import { startSpan } from './start-span.ts';
import { readBacklog } from './stream-reading.ts';

export type CaptureOptions = Config['capture'];

/** What a hook needs: begins an exchange and its span; everything after that happens through the exchange. */
export class Instrument {
  readonly #options: () => CaptureOptions;
  readonly #provider: () => TracerProvider | undefined;
  readonly #finishing: Finishing;
  readonly #counter: TokenCounter = new TokenCounter();
  readonly #sessions: Sessions;
  /** Runs of agents, as far as frameworks tell of them. */
  readonly aiTelemetry: AiTelemetry;
  readonly #unregister: () => void;

  constructor(options: () => CaptureOptions, provider: () => TracerProvider | undefined) {
    this.#options = options;
    this.#provider = provider;
    this.#finishing = new Finishing({
      finish: (exchange) => this.#finish(exchange),
      readBacklog: (exchange) => readBacklog(exchange, this.#options().maxContentLength),
    });
    this.#sessions = new Sessions(options, provider);
    this.aiTelemetry = new AiTelemetry(options, provider);
    this.#unregister = registerPendingWork(
      (final) => {
        this.#finishing.finishNow(final);
        this.#counter.finishNow();
        this.#sessions.readNow(final);
        if (final) this.aiTelemetry.endAll();
      },
      () => {
        this.#finishing.finishNow();
        return this.#counter.settle();
      },
    );
  }

  /** Whether streams are made to report usage that the app did not ask for. */
  get asksForUsage(): boolean {
    return this.#options().streamUsage === 'inject';
  }

  /** Begins an exchange, or not: tracing may be suppressed, nested or unsampled. */
  begin(protocol: Protocol, url: RequestUrl): { exchange: Exchange; context: Context } | undefined {
    if (inRequest) return undefined;
    const started = startSpan(protocol, url, this.#provider());
    if (!started?.span.isRecording()) return undefined;
    const { span, tagged } = started;
    const exchange = new Exchange({ protocol, url, span, tagged }, this.#finishing);
    this.#finishing.begin(exchange);
    return { exchange, context: started.context };
  }

  /** Begins a session of many calls over one connection, or not: tracing may be suppressed, nested or unsampled. */
  beginSession(protocol: SessionProtocol, url: SessionUrl): Session | undefined {
    return inRequest ? undefined : this.#sessions.begin(protocol, url);
  }

  /** Writes what has ended; exchanges still open end by themselves. */
  dispose(): void {
    this.#finishing.finishNow();
    this.#counter.stop();
    this.#sessions.readNow();
    this.#unregister();
  }

  #finish(exchange: Exchange): void {
    const call = guard('reading an exchange', () => readExchange(exchange, this.#options().maxContentLength));
    // The owner of a tagged span may yet write what its client knows.
    const missing = call && !exchange.tagged ? missingCounts(call, exchange) : undefined;
    if (!call || !missing) return this.#write(exchange, call);
    this.#counter.count(countTaskOf(call, missing), (result) =>
      guard('writing an estimate', () => this.#write(exchange, withEstimate(call, result))),
    );
  }

  /** Puts the call on its span and ends it; without a call, which could not be read, it only ends. */
  #write(exchange: Exchange, call: LlmCall | undefined): void {
    const { span } = exchange;
    try {
      if (!call) return;
      const { content, maxContentLength, mask } = this.#options();
      const attributes = toAttributes(call, { captureContent: content, maxContentLength, ...(mask && { mask }) });
      if (exchange.tagged) return tag(span, call, attributes);
      span.updateName(spanName(call));
      span.setAttributes(attributes);
      if (call.error) span.setStatus(spanStatus(call, mask));
    } finally {
      // The owner of a tagged span ends it when the app has the response or lets go of it, which it no longer can.
      const isAbandoned = exchange.outcome?.kind === 'unread' || exchange.outcome?.kind === 'exit';
      if (!exchange.tagged || (isAbandoned && span.isRecording())) span.end(exchange.endedAt);
    }
  }
}

/**
 * Gives another instrumentation's span what it lacks. Usage is replaced, because the wire is exact. A failed attempt
 * says nothing: its owner may try again under the same span.
 */
function tag(span: Span, call: LlmCall, attributes: Attributes): void {
  if (call.error || !span.isRecording()) return;
  const { attributes: present = {} } = span as Span & { attributes?: Attributes };
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && (EXACT.test(name) || present[name] === undefined)) span.setAttribute(name, value);
  }
}

const EXACT = /^(gen_ai\.usage|otel_langfuse)\./;

let inRequest = false;

/** Whether what is being requested is part of a request that is observed already. */
export function isInRequest(): boolean {
  return inRequest;
}

/** Runs a request whose own requests below are part of it: a `fetch` made of `node:http` is one call, not two. */
export function hidesNestedRequests<T>(request: () => T): T {
  inRequest = true;
  try {
    return request();
  } finally {
    inRequest = false;
  }
}
