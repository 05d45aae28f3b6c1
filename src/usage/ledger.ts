import type { UsageDetails } from '../model/usage.ts';
import {
  add,
  type Buckets,
  combine,
  isEmpty,
  isEqual,
  keep,
  minus,
  NO_SUMS,
  NO_TOKENS,
  plus,
  remainder,
  subtract,
  type Sums,
  sumsOf,
} from './buckets.ts';
import { RecentTraces, type TraceLimits } from './recent-traces.ts';

export interface SpanId {
  traceId: string;
  spanId: string;
}

/** What one ended span reports. */
export interface LedgerEntry extends SpanId {
  parentSpanId?: string;
  /** Disjoint usage; absent for a span that reports none. */
  usage?: UsageDetails;
  /** Whether it is a call that should report usage and does not. */
  isSilent?: boolean;
  /** Whether all spans below it are known to have come before it. */
  isComplete?: boolean;
}

export interface LedgerCounters {
  /** Traces with usage that are remembered. */
  traces: number;
  spans: number;
  /** Traces forgotten by age or because there were too many; a later span of theirs counts in full. */
  evictedTraces: number;
  /** How often a span given out was found to have another usage of its own, because one below it came later. */
  corrections: number;
  /** How often it could not be given out again, so that the later span got only what it had not counted. */
  missedCorrections: number;
  /** Tokens that count twice all the same, because the later span had less to give than was counted above it. */
  countedTwice: number;
}

export interface LedgerOptions {
  limits?: Partial<TraceLimits>;
  /** Whether a span that was given out can be given out again with another usage. */
  isCorrectable?: (span: SpanId) => boolean;
  now?: () => number;
}

/** A span takes some 400 bytes. */
export const DEFAULT_LIMITS: TraceLimits = { maxSpans: 50_000, maxAgeMs: 15 * 60_000 };

interface Node {
  parentSpanId?: string;
  /** Whether it is more than the parent of a span. */
  hasEnded: boolean;
  usage?: UsageDetails;
  /** What the spans below it account for, so far. */
  below: Buckets;
  /** What it reports beyond that: its own by rights. */
  beyond: Buckets;
  /** What was given out as its own. Absent where neither it nor a span below it reports anything. */
  own?: Buckets;
  /**
   * By how much that is less than its own by rights, because a span above has counted it and could not be corrected; that
   * one has a negative discount. Over a trace they add up to 0, so what was given out adds up to what is right.
   */
  discount: Sums;
}

/** Silent calls of a trace that may still turn out to be counted above: each is looked at with every span. */
const MAX_SILENT = 256;

/** Parent links are data: a long chain must not take a long time with every span of it. */
const MAX_DEPTH = 1_000;

/**
 * Counts each token of a trace once, however many enclosing spans repeat it and in whatever order they come. A span with
 * everything below it accounts for what it reports or for what those below report, whichever is more; its own usage is
 * what it reports beyond them. So a roll-up has nothing of its own, and an agent whose inner calls were not traced has
 * everything.
 *
 * A span that comes after one above it leaves less to that one, which is to be given out again. Where that cannot be, the
 * late span gets only what the one above has not counted: then the sum is right, though not each part of it.
 *
 * What a silent call has used is in the usage of any span above it that reports some.
 */
export class UsageLedger {
  readonly #traces: RecentTraces<Node>;
  readonly #isCorrectable: (span: SpanId) => boolean;
  #corrections = 0;
  #missedCorrections = 0;
  #countedTwice = 0;

  constructor({ limits, isCorrectable = () => false, now = Date.now }: LedgerOptions = {}) {
    this.#traces = new RecentTraces({ ...DEFAULT_LIMITS, ...limits }, now);
    this.#isCorrectable = isCorrectable;
  }

  /**
   * Takes a span into account. One that comes again counts nothing new; where it reports something else than before,
   * that holds.
   * @returns the ids of spans of the trace that were counted before and whose own usage is another now, or that
   * {@link isCountedAbove} now.
   */
  count(entry: LedgerEntry): readonly string[] {
    const { traceId, usage, isSilent, isComplete } = entry;
    // Most spans of a process neither report usage nor are near one that does: they cost nothing here.
    if (!usage && !isSilent && isComplete && !this.#traces.has(traceId)) return [];
    const { node, above } = this.#report(entry);
    const corrected: string[] = [];
    let discount = node.discount;
    for (const [spanId, ancestor] of above) {
      const before = ancestor.discount;
      if (this.#correct({ traceId, spanId }, ancestor)) corrected.push(spanId);
      discount = combine(discount, combine(before, ancestor.discount, minus), plus);
    }
    const own = ownWith(node, discount);
    if (own) node.own = own;
    node.discount = discountOf(node);
    this.#countedTwice += discount.input + discount.output - node.discount.input - node.discount.output;
    corrected.push(...this.#correctSilent(entry));
    this.#traces.trim();
    return corrected;
  }

  /** Takes a span into account that was counted and given out before, with this as its own, by a former process. */
  restore(entry: LedgerEntry, own: UsageDetails | undefined): void {
    const { node, above } = this.#report(entry);
    if (own) node.own = own;
    for (const restored of [node, ...above.map(([, ancestor]) => ancestor)]) restored.discount = discountOf(restored);
    this.#traces.trim();
  }

  /**
   * What of the usage is a counted span's own: the very object if none of it is counted elsewhere, else a reduced one. A
   * span that reports nothing has an own usage of 0 if spans below it have some, and none otherwise.
   */
  own({ traceId, spanId, usage }: SpanId & { usage?: UsageDetails }): UsageDetails | undefined {
    const own = this.#traces.get(traceId, spanId)?.own;
    if (!own) return usage;
    const { input, output } = sumsOf(own);
    return usage && isEqual(own, usage) ? usage : { ...own, total: input + output };
  }

  /** Whether a span above a counted one reports usage, which is then that of everything below it. */
  isCountedAbove({ traceId, spanId }: SpanId): boolean {
    let node = this.#traces.get(traceId, spanId);
    for (let depth = 0; node?.parentSpanId !== undefined && depth < MAX_DEPTH; depth++) {
      node = this.#traces.get(traceId, node.parentSpanId);
      if (node?.usage && !isEmpty(node.usage)) return true;
    }
    return false;
  }

  counters(): LedgerCounters {
    return {
      traces: this.#traces.size,
      spans: this.#traces.spans,
      evictedTraces: this.#traces.evicted,
      corrections: this.#corrections,
      missedCorrections: this.#missedCorrections,
      countedTwice: this.#countedTwice,
    };
  }

  /** Adds what a span reports to those above it, as far as they are known. Returns those of them that have ended. */
  #report(entry: LedgerEntry): { node: Node; above: [spanId: string, node: Node][] } {
    const { traceId, spanId, parentSpanId, usage, isSilent } = entry;
    this.#traces.use(traceId, usage !== undefined);
    if (isSilent) this.#traces.waiting(traceId).add(spanId);
    const node = this.#node(traceId, spanId);
    node.hasEnded = true;
    if (usage) node.usage = usage;
    let change = addBelow(node, NO_TOKENS);
    if (node.parentSpanId === undefined && parentSpanId !== undefined && !this.#isAbove(entry, parentSpanId)) {
      node.parentSpanId = parentSpanId;
      change = add(node.below, node.beyond);
    }
    const above: [string, Node][] = [];
    let id = node.parentSpanId;
    for (let depth = 0; id !== undefined && depth < MAX_DEPTH && !isEmpty(change); depth++) {
      const ancestor = this.#node(traceId, id);
      change = addBelow(ancestor, change);
      if (ancestor.hasEnded) above.push([id, ancestor]);
      id = ancestor.parentSpanId;
    }
    return { node, above };
  }

  #node(traceId: string, spanId: string): Node {
    const known = this.#traces.get(traceId, spanId);
    if (known) return known;
    const node: Node = { hasEnded: false, below: NO_TOKENS, beyond: NO_TOKENS, discount: NO_SUMS };
    this.#traces.add(traceId, spanId, node);
    return node;
  }

  /** Whether a span is above another already: a link that closes a circle is none. */
  #isAbove({ traceId, spanId }: SpanId, other: string): boolean {
    let id: string | undefined = other;
    for (let depth = 0; id !== undefined && depth < MAX_DEPTH; depth++) {
      if (id === spanId) return true;
      id = this.#traces.get(traceId, id)?.parentSpanId;
    }
    return false;
  }

  /** The silent calls that are counted above with this entry, as far as they can be given out again. */
  #correctSilent({ traceId, spanId: latest }: SpanId): string[] {
    const waiting = this.#traces.waiting(traceId);
    const counted = [...waiting].filter((spanId) => this.isCountedAbove({ traceId, spanId }));
    for (const spanId of counted) waiting.delete(spanId);
    for (const oldest of waiting) if (waiting.size > MAX_SILENT) waiting.delete(oldest);
    const corrected = counted.filter((spanId) => spanId !== latest && this.#isCorrectable({ traceId, spanId }));
    this.#corrections += corrected.length;
    return corrected;
  }

  /** Whether the span is to be given out again; if it cannot be, its discount says what it has counted too much. */
  #correct(span: SpanId, node: Node): boolean {
    const own = ownWith(node, node.discount);
    const isOther = own !== undefined && !(node.own && isEqual(own, node.own));
    const isCorrected = isOther && this.#isCorrectable(span);
    if (isCorrected) {
      node.own = own;
      this.#corrections++;
    } else if (isOther && node.own && !isEmpty(node.own)) this.#missedCorrections++;
    node.discount = discountOf(node);
    return isCorrected;
  }
}

/** Adds to what is below a node. Returns by how much there is then more of what it accounts for with all below it. */
function addBelow(node: Node, change: Buckets): Buckets {
  const { beyond } = node;
  node.below = add(node.below, change);
  node.beyond = remainder(node.usage ?? NO_TOKENS, node.below);
  return add(change, subtract(node.beyond, beyond));
}

/** What a node has of its own, as much of the discount taken off as there is. */
function ownWith({ usage, below, beyond }: Node, discount: Sums): Buckets | undefined {
  if (!usage) return isEmpty(below) ? undefined : NO_TOKENS;
  if (discount === NO_SUMS) return beyond;
  const isMore = discount.input < 0 || discount.output < 0;
  return keep(isMore ? usage : beyond, combine(sumsOf(beyond), discount, minus));
}

function discountOf({ beyond, own = NO_TOKENS }: Node): Sums {
  if (own === beyond) return NO_SUMS;
  return combine(sumsOf(beyond), sumsOf(own), minus);
}
