export interface TraceLimits {
  /** Spans remembered over all traces. */
  maxSpans: number;
  /** How long after its last span a trace is forgotten. */
  maxAgeMs: number;
}

interface Trace<Span> {
  spans: Map<string, Span>;
  waiting: Set<string>;
  lastUse: number;
}

/**
 * The spans of the traces used last, within bounds of number and age. Traces with nothing to count, of which only the
 * links between spans are known, give way first: a service may have a thousand of them for one that calls a model.
 */
export class RecentTraces<Span> {
  readonly #limits: TraceLimits;
  readonly #now: () => number;
  /** Least recently used first, like the other. */
  readonly #idle = new Map<string, Trace<Span>>();
  readonly #counting = new Map<string, Trace<Span>>();
  #spans = 0;
  #evicted = 0;
  #nextSweep = 0;

  constructor(limits: TraceLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Traces with something to count. */
  get size(): number {
    return this.#counting.size;
  }

  /** Spans of all traces. */
  get spans(): number {
    return this.#spans;
  }

  /** How many traces with something to count were forgotten. */
  get evicted(): number {
    return this.#evicted;
  }

  has(traceId: string): boolean {
    return this.#trace(traceId) !== undefined;
  }

  get(traceId: string, spanId: string): Span | undefined {
    return this.#trace(traceId)?.spans.get(spanId);
  }

  /** Ids of spans of a trace in use that wait for others: whoever counts adds and deletes them. */
  waiting(traceId: string): Set<string> {
    return this.#trace(traceId)?.waiting ?? new Set();
  }

  /** Marks a trace as used. @param counts whether there is something to count in it from now on. */
  use(traceId: string, counts: boolean): void {
    const counting = this.#counting.get(traceId);
    const trace = this.#trace(traceId) ?? { spans: new Map<string, Span>(), waiting: new Set<string>(), lastUse: 0 };
    trace.lastUse = this.#now();
    this.#counting.delete(traceId);
    this.#idle.delete(traceId);
    (counting || counts ? this.#counting : this.#idle).set(traceId, trace);
  }

  /** Remembers a new span of a trace in use. */
  add(traceId: string, spanId: string, span: Span): void {
    const trace = this.#trace(traceId);
    trace?.spans.set(spanId, span);
    if (trace) this.#spans++;
  }

  /** Forgets what is too old and, above the limit, a tenth of the rest: cheaper than one at a time. */
  trim(): void {
    const { maxAgeMs, maxSpans } = this.#limits;
    const now = this.#now();
    if (this.#spans <= maxSpans && now < this.#nextSweep) return;
    const target = this.#spans > maxSpans ? Math.floor(maxSpans * 0.9) : maxSpans;
    this.#nextSweep = now + maxAgeMs / 10;
    this.#forget(this.#idle, now - maxAgeMs, target);
    this.#evicted += this.#forget(this.#counting, now - maxAgeMs, target);
    // One trace is left that is too big by itself: it forgets its oldest spans.
    const [lone] = this.#spans > target ? [...this.#idle.values(), ...this.#counting.values()] : [];
    for (const spanId of lone?.spans.keys() ?? []) {
      if (this.#spans <= target) break;
      lone?.spans.delete(spanId);
      this.#spans--;
    }
  }

  #trace(traceId: string): Trace<Span> | undefined {
    return this.#counting.get(traceId) ?? this.#idle.get(traceId);
  }

  #forget(traces: Map<string, Trace<Span>>, notBefore: number, target: number): number {
    const before = traces.size;
    for (const [traceId, { spans, lastUse }] of traces) {
      const isNeeded = this.#spans <= target || this.#idle.size + this.#counting.size === 1;
      if (lastUse >= notBefore && isNeeded) break;
      traces.delete(traceId);
      this.#spans -= spans.size;
    }
    return before - traces.size;
  }
}
