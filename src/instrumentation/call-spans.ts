import { type Context, isSpanContextValid, trace } from '@opentelemetry/api';
import { type OpenSpan, openSpans } from '../context/open-spans.ts';
import type { Operation } from '../model/llm-call.ts';
import { callMark, isForCall } from './call-marks.ts';
import { CallSpan, type CallTeller } from './call-span.ts';
import { SCOPE } from './scope.ts';

/** Finds the span that is there already for a call about to be made. */
export class CallSpans {
  readonly #teller: CallTeller;
  readonly #known = new WeakMap<OpenSpan, CallSpan>();
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
    const around = current && this.#of(recordedBy(current), operation);
    if (around) return around;
    const place = current?.spanContext();
    const traceId = place && isSpanContextValid(place) ? place.traceId : undefined;
    for (const span of openSpans()) {
      if (traceId !== undefined && span.spanContext().traceId !== traceId) continue;
      const candidate = this.#of(span, operation);
      if (candidate?.isFree) return candidate;
    }
    return undefined;
  }

  /** Gives every exchange that waits for the end of its span one of its own. */
  finishNow(): void {
    for (const callSpan of this.#waiting) callSpan.divide();
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

/** OpenInference makes a wrapper of the SDK's span the active one. */
function recordedBy(span: OpenSpan & { span?: OpenSpan }): OpenSpan {
  return span.attributes ? span : (span.span ?? span);
}

function scopeOf({ instrumentationScope, instrumentationLibrary }: OpenSpan): string | undefined {
  return (instrumentationScope ?? instrumentationLibrary)?.name;
}
