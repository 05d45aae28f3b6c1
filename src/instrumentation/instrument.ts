import { type Attributes, type Context, context, trace, type TracerProvider } from '@opentelemetry/api';
import type { Config } from '../config/config.ts';
import type { OpenSpan } from '../context/open-spans.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { Protocol } from '../protocol/protocol.ts';
import type { SessionProtocol } from '../protocol/session/session-protocol.ts';
import { spanName, spanStatus, toAttributes } from '../semconv/write.ts';
import { countTaskOf } from '../tokens/count-task.ts';
import { TokenCounter } from '../tokens/token-counter.ts';
import { guard } from '../util/guard.ts';
import { registerPendingWork } from '../util/pending-work.ts';
import { isUntraced } from '../util/untraced.ts';
import { AiTelemetry } from './ai-telemetry.ts';
import type { CallMark } from './call-marks.ts';
import { CallSpans } from './call-spans.ts';
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
  readonly #callSpans: CallSpans;
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
    this.#callSpans = new CallSpans({
      tell: (exchange, mark) => this.#tell(exchange, mark),
      tellApart: (exchange) => this.#tellApart(exchange),
    });
    this.#sessions = new Sessions(options, provider);
    this.aiTelemetry = new AiTelemetry(options, provider);
    this.#unregister = registerPendingWork(
      (final) => {
        this.#finishNow(final);
        this.#counter.finishNow();
        this.#sessions.readNow(final);
        if (final) this.aiTelemetry.endAll();
      },
      () => {
        this.#finishNow();
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
    const active = context.active();
    if (inRequest || isUntraced(active)) return undefined;
    const callSpan = this.#callSpans.find(active, protocol.operation);
    const around = callSpan ? trace.setSpan(active, callSpan.span) : active;
    // What is begun within it a second time is not its one call.
    if (callSpan && !callSpan.isFree) callSpan.divide();
    const place = callSpan?.isFree
      ? { span: callSpan.span, context: around, callSpan }
      : startSpan(protocol, url, this.#provider(), around);
    if (!place.span.isRecording()) return undefined;
    const exchange = new Exchange({ protocol, url, ...place }, this.#finishing);
    exchange.callSpan?.take(exchange);
    this.#finishing.begin(exchange);
    return { exchange, context: exchange.context };
  }

  /** Begins a session of many calls over one connection, or not: tracing may be suppressed, nested or unsampled. */
  beginSession(protocol: SessionProtocol, url: SessionUrl): Session | undefined {
    return inRequest ? undefined : this.#sessions.begin(protocol, url);
  }

  /** Writes what has ended; exchanges still open end by themselves. */
  dispose(): void {
    this.#finishNow();
    this.#counter.stop();
    this.#sessions.readNow();
    this.#unregister();
  }

  #finishNow(final = false): void {
    if (final) this.#finishing.endOpen();
    this.#callSpans.finishNow();
    this.#finishing.finishNow();
  }

  /** Tells an exchange on the span of another instrumentation, if its answer is whole. */
  #tell(exchange: Exchange, mark: CallMark): boolean {
    const call = this.#read(exchange);
    if (!call) return true;
    // What has to be counted takes its time.
    if (missingCounts(call, exchange)) return false;
    complete(exchange.span, this.#attributesOf(call, mark.isConventional), mark);
    return true;
  }

  #tellApart(exchange: Exchange): void {
    const { protocol, url, startedAt } = exchange;
    exchange.span = startSpan(protocol, url, this.#provider(), exchange.context, startedAt).span;
    exchange.callSpan = undefined;
    if (exchange.outcome) this.#finishing.onEnd(exchange);
  }

  #finish(exchange: Exchange): void {
    const call = this.#read(exchange);
    const missing = call && missingCounts(call, exchange);
    if (!missing) return this.#write(exchange, call);
    this.#counter.count(countTaskOf(call, missing), (result) =>
      guard('writing an estimate', () => this.#write(exchange, withEstimate(call, result))),
    );
  }

  #read(exchange: Exchange): LlmCall | undefined {
    exchange.call ??= guard('reading an exchange', () => readExchange(exchange, this.#options().maxContentLength));
    return exchange.call;
  }

  /** Puts the call on its span and ends it; without a call, which could not be read, it only ends. */
  #write({ span, endedAt }: Exchange, call: LlmCall | undefined): void {
    try {
      if (!call) return;
      span.updateName(spanName(call));
      span.setAttributes(this.#attributesOf(call));
      if (call.error) span.setStatus(spanStatus(call));
    } finally {
      span.end(endedAt);
    }
  }

  #attributesOf(call: LlmCall, withContent = true): Attributes {
    const { content, maxContentLength, mask } = this.#options();
    return toAttributes(call, {
      captureContent: content && withContent,
      maxContentLength,
      ...(mask && { mask }),
    });
  }
}

/** Gives another instrumentation's span what it lacks. What was billed, and for which model, is replaced: the wire is exact. */
function complete(span: OpenSpan, attributes: Attributes, { isConventional }: CallMark): void {
  const { attributes: present = {} } = span;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || !(isConventional || BILLED.test(name))) continue;
    if (EXACT.test(name) || present[name] === undefined) span.setAttribute(name, value);
  }
}

const EXACT = /^(?:(?:gen_ai\.usage|otel_langfuse)\.|gen_ai\.(?:request|response)\.model$)/;
/** What a span of another dialect gets: what was billed, by whom, for which model, and to find it again. */
const BILLED =
  /^(?:(?:gen_ai\.usage|otel_langfuse|openai\.response|server)\.|gen_ai\.(?:provider\.name|(?:request|response)\.model|response\.id)$)/;

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
