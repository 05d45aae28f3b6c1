import type { UsageBucket, UsageDetails } from '../model/usage.ts';

/** What one ended span reports. */
export interface LedgerEntry {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  /** Disjoint usage; absent for a span that reports none. */
  usage?: UsageDetails;
}

export interface LedgerCounters {
  traces: number;
  spans: number;
  /** Traces forgotten by age or because there were too many; a later span of theirs counts in full. */
  evictedTraces: number;
}

export interface LedgerLimits {
  /** Spans remembered over all traces. One takes some 600 bytes. */
  maxSpans: number;
  /** How long after its last span a trace is forgotten. */
  maxAgeMs: number;
}

const DEFAULT_LIMITS: LedgerLimits = { maxSpans: 50_000, maxAgeMs: 15 * 60_000 };

type Side = 'input' | 'output';
type Buckets = { [K in UsageBucket]?: number };

type Sums = Record<Side, number>;

interface Node {
  parentSpanId?: string;
  /** What the span itself reported; absent until it has ended. */
  reported?: Sums;
  /** What was found to be its own. */
  own?: UsageDetails;
  /** What the spans below it account for, so far. */
  below: Buckets;
}

interface Trace {
  nodes: Map<string, Node>;
  lastUse: number;
}

/** Parent links are data: a cycle in them must end. */
const MAX_DEPTH = 1_000;

/**
 * Counts each token of a trace once, however many enclosing spans repeat it. A span with everything below it accounts for
 * what it reports or for what those below report, whichever is more; its own usage is by how much its report makes the
 * trace grow. Children first is the usual order, and gives a roll-up nothing and an agent whose inner calls were not
 * traced everything. A child that comes after its parent gets what its ancestors have not already counted for it.
 */
export class UsageLedger {
  readonly #limits: LedgerLimits;
  readonly #now: () => number;
  /** Least recently used first. */
  readonly #traces = new Map<string, Trace>();
  #spans = 0;
  #nextSweep = 0;
  #evictedTraces = 0;

  constructor(limits: Partial<LedgerLimits> = {}, now: () => number = Date.now) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#now = now;
  }

  /**
   * The span's own usage: the very object it reported if none of it is counted elsewhere, else a reduced one. A span that
   * reports nothing has an own usage of 0 if spans below it have some, and none otherwise.
   */
  own({ traceId, spanId, parentSpanId, usage }: LedgerEntry): UsageDetails | undefined {
    // Most spans of a process neither report usage nor have any below them: they cost nothing here.
    if (!usage && !this.#traces.get(traceId)?.nodes.has(spanId)) return undefined;
    const node = this.#node(traceId, spanId);
    if (node.reported) return node.own;
    node.reported = sumsOf(usage ?? {});
    if (parentSpanId !== undefined) node.parentSpanId = parentSpanId;
    const beyond = usage ? remainder(usage, node.below) : {};
    const passed = add(node.below, beyond);
    const absorbed = less(sumsOf(passed), this.#passUp(traceId, parentSpanId, passed));
    node.own = usage ? ownOf(usage, keep(beyond, less(sumsOf(beyond), absorbed))) : { total: 0 };
    return node.own;
  }

  counters(): LedgerCounters {
    return { traces: this.#traces.size, spans: this.#spans, evictedTraces: this.#evictedTraces };
  }

  /** Adds tokens below a span and its ancestors as far as they are known; returns by how much the trace grew. */
  #passUp(traceId: string, from: string | undefined, added: Buckets): Sums {
    let delta = added;
    let growth = sumsOf(delta);
    let id = from;
    for (let depth = 0; id !== undefined && depth < MAX_DEPTH && growth.input + growth.output > 0; depth++) {
      const node = this.#node(traceId, id);
      const before = weight(node);
      node.below = add(node.below, delta);
      growth = less(weight(node), before);
      delta = keep(delta, growth);
      id = node.parentSpanId;
    }
    return growth;
  }

  #node(traceId: string, spanId: string): Node {
    const { nodes } = this.#use(traceId);
    const known = nodes.get(spanId);
    if (known) return known;
    const node: Node = { below: {} };
    nodes.set(spanId, node);
    this.#spans++;
    if (this.#spans > this.#limits.maxSpans || this.#now() >= this.#nextSweep) this.#evict();
    return node;
  }

  /** Traces stay in the order of their last use, to a tenth of the age at which they are forgotten. */
  #use(traceId: string): Trace {
    const now = this.#now();
    const known = this.#traces.get(traceId);
    if (known && now - known.lastUse < this.#limits.maxAgeMs / 10) return known;
    const trace = known ?? { nodes: new Map<string, Node>(), lastUse: now };
    trace.lastUse = now;
    this.#traces.delete(traceId);
    this.#traces.set(traceId, trace);
    return trace;
  }

  /** Forgets what is too old and, above the limit, a tenth of the rest: cheaper than one at a time. */
  #evict(): void {
    const now = this.#now();
    const { maxAgeMs, maxSpans } = this.#limits;
    const target = this.#spans > maxSpans ? maxSpans * 0.9 : maxSpans;
    this.#nextSweep = now + maxAgeMs / 10;
    for (const [traceId, trace] of this.#traces) {
      const isOld = now - trace.lastUse > maxAgeMs;
      if (!isOld && (this.#spans <= target || this.#traces.size === 1)) break;
      this.#traces.delete(traceId);
      this.#spans -= trace.nodes.size;
      this.#evictedTraces++;
    }
    const [lone] = this.#spans > target ? this.#traces.values() : [];
    for (const spanId of lone?.nodes.keys() ?? []) {
      if (this.#spans <= target) break;
      lone?.nodes.delete(spanId);
      this.#spans--;
    }
  }
}

function sideOf(bucket: string): Side {
  return bucket.startsWith('input') ? 'input' : 'output';
}

function entries(buckets: Buckets): [UsageBucket, number][] {
  return (Object.entries(buckets) as [keyof UsageDetails, number][]).filter(
    (entry): entry is [UsageBucket, number] => entry[0] !== 'total' && entry[0] !== 'search_units',
  );
}

function sumsOf(buckets: Buckets): Sums {
  const sums: Sums = { input: 0, output: 0 };
  for (const [bucket, count] of entries(buckets)) sums[sideOf(bucket)] += count;
  return sums;
}

/** What a span and everything below it account for. */
function weight(node: Node): Sums {
  const below = sumsOf(node.below);
  return {
    input: Math.max(below.input, node.reported?.input ?? 0),
    output: Math.max(below.output, node.reported?.output ?? 0),
  };
}

function less(a: Sums, b: Sums): Sums {
  return { input: a.input - b.input, output: a.output - b.output };
}

function add(a: Buckets, b: Buckets): Buckets {
  const sum: Buckets = { ...a };
  for (const [bucket, count] of entries(b)) sum[bucket] = (sum[bucket] ?? 0) + count;
  return sum;
}

/** What `usage` reports beyond `below`. Side by side, for the two may split a side into buckets differently. */
function remainder(usage: Buckets, below: Buckets): Buckets {
  const beyond: Buckets = {};
  for (const [bucket, count] of entries(usage)) beyond[bucket] = Math.max(0, count - (below[bucket] ?? 0));
  return keep(beyond, less(sumsOf(usage), sumsOf(below)));
}

/** As much of the buckets as makes these sums; the plain bucket of a side, which comes first, gives way first. */
function keep(buckets: Buckets, sums: Sums): Buckets {
  const excess = less(sumsOf(buckets), { input: Math.max(0, sums.input), output: Math.max(0, sums.output) });
  const kept: Buckets = {};
  for (const [bucket, count] of entries(buckets)) {
    const side = sideOf(bucket);
    const cut = Math.min(count, Math.max(0, excess[side]));
    excess[side] -= cut;
    if (count > cut) kept[bucket] = count - cut;
  }
  return kept;
}

function ownOf(reported: UsageDetails, own: Buckets): UsageDetails {
  const { input, output } = sumsOf(own);
  return input + output === (reported.total ?? 0) ? reported : { ...own, total: input + output };
}
