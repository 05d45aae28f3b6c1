import { type Context, isSpanContextValid, type Span, trace } from '@opentelemetry/api';
import { type OpenSpan, openSpans } from '../context/open-spans.ts';
import type { Operation } from '../model/llm-call.ts';
import { guard } from '../util/guard.ts';
import { callMark, isForCall, modelOf } from './call-marks.ts';
import { OURS } from '../semconv/attributes.ts';
import { CallSpan, type CallTeller } from './call-span.ts';
import { SCOPE } from './scope.ts';

/** Finds the span that is there already for a call about to be made. */
export class CallSpans {
  readonly #teller: CallTeller;
  readonly #known = new WeakMap<OpenSpan, CallSpan>();
  /** Those that were active, and whose echo was looked for. */
  readonly #echoed = new WeakSet<CallSpan>();
  readonly #waiting = new Set<CallSpan>();

  constructor(teller: CallTeller) {
    this.#teller = teller;
  }

  /**
   * The active span if it is that of a call, else the oldest of the trace that was started for a call and has not seen it
   * yet: calls are made in the order in which their spans were started, give or take those made at the same time, whose
   * spans are then told of each other's. Where no span is active, that of any trace.
   */
  find(active: Context, operation: Operation): CallSpan | undefined {
    const current = trace.getSpan(active);
    const recorded = current && recordedBy(current);
    const around = recorded && this.#of(recorded, operation);
    if (!around) return this.#waitingFor(operation, traceIdOf(current));
    if (!this.#echoed.has(around)) this.#findEcho(around, operation);
    return around;
  }

  /**
   * Two instrumentations may have a span each for the same call, side by side: that of a framework's callbacks and that of
   * the client below it. The one that is not active is then no call of its own.
   */
  #findEcho(around: CallSpan, operation: Operation): void {
    this.#echoed.add(around);
    const { span } = around;
    const echo = this.#waitingFor(
      operation,
      isRoot(span) ? undefined : traceIdOf(span),
      (other) => scopeOf(other) !== scopeOf(span) && isSameModel(other, span),
    );
    echo?.divide();
    echo?.span.setAttribute(OURS.countedIn, span.spanContext().spanId);
  }

  /** The oldest span of a trace, or of any, whose call has not been seen. */
  #waitingFor(
    operation: Operation,
    traceId: string | undefined,
    isRight: (span: OpenSpan) => boolean = () => true,
  ): CallSpan | undefined {
    for (const span of openSpans()) {
      if (traceId !== undefined && span.spanContext().traceId !== traceId) continue;
      const candidate = this.#of(span, operation);
      if (candidate?.isFree && isRight(span)) return candidate;
    }
    return undefined;
  }

  /** Gives every exchange that waits for the end of its span one of its own. */
  finishNow(): void {
    for (const callSpan of this.#waiting) guard('a span that does not end', () => callSpan.divide());
  }

  #of(span: OpenSpan, operation: Operation): CallSpan | undefined {
    if (!span.isRecording()) return undefined;
    const known = this.#known.get(span);
    if (known) return isForCall(known.mark, operation) ? known : undefined;
    const mark = scopeOf(span) === SCOPE.name ? undefined : callMark(span.attributes);
    if (!mark || !isForCall(mark, operation)) return undefined;
    const found = new CallSpan(span, mark, this.#teller, this.#waiting);
    this.#known.set(span, found);
    return found;
  }
}

function traceIdOf(span: Span | undefined): string | undefined {
  const place = span?.spanContext();
  return place && isSpanContextValid(place) ? place.traceId : undefined;
}

function isRoot({ parentSpanContext, parentSpanId }: OpenSpan): boolean {
  return parentSpanContext === undefined && !parentSpanId;
}

/** Whether two spans may be about the same call, as far as they name its model. */
function isSameModel(a: OpenSpan, b: OpenSpan): boolean {
  const [one, other] = [modelOf(a), modelOf(b)];
  return one === undefined || other === undefined || one === other;
}

/** OpenInference makes a wrapper of the SDK's span the active one. */
function recordedBy(span: OpenSpan & { span?: OpenSpan }): OpenSpan {
  return span.attributes ? span : (span.span ?? span);
}

function scopeOf({ instrumentationScope, instrumentationLibrary }: OpenSpan): string | undefined {
  return (instrumentationScope ?? instrumentationLibrary)?.name;
}
