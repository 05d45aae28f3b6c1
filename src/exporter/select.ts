import type { SpanSelection } from '../config/config.ts';
import type { Dialect } from '../dialect/dialect.ts';
import { dialectOf } from '../dialect/dialects.ts';
import type { SpanAttributes } from '../model/span.ts';
import { guard } from '../util/guard.ts';
import { defined } from '../util/json-read.ts';
import { RecentSet } from '../util/recent-set.ts';
import { placeOf, type ReadableSpanLike, scopeNameOf, type SpanPlace } from './readable-span.ts';

/** A span that goes to Langfuse. */
export interface SelectedSpan {
  span: ReadableSpanLike;
  dialect: Dialect | undefined;
  /** Whether it is the topmost span of its trace, as far as this process sees it, that goes to Langfuse. */
  isTop: boolean;
  /** Whether all spans below it are known to have been selected or passed over before it. */
  isComplete?: boolean;
}

/** A span that does not go to Langfuse. Usage is counted past it. */
export type PassedSpan = Pick<SpanPlace, 'traceId' | 'spanId' | 'parentSpanId'> & Pick<SelectedSpan, 'isComplete'>;

/** A span that has started: what of it can be seen before it ends. */
export type StartedSpan = Pick<
  ReadableSpanLike,
  'spanContext' | 'parentSpanContext' | 'parentSpanId' | 'kind' | 'instrumentationScope' | 'instrumentationLibrary'
> & {
  readonly attributes?: SpanAttributes;
};

export interface SelectorOptions {
  selection: SpanSelection;
  /** Whether {@link Selector.started} is called for every span; an exporter sees spans only when they have ended. */
  seesStarts: boolean;
  now?: () => number;
}

interface Node extends SpanPlace {
  attributes: SpanAttributes;
  scope: string;
  /** Ended, and held until the spans below it have ended. */
  held: ReadableSpanLike | undefined;
  heldSince: number;
  /** Known spans below it, one level, that are not settled. */
  open: number;
  /** Whether a span below it goes to Langfuse. */
  leadsToLlm: boolean;
  /** What was decided before the spans below it had ended. */
  early?: 'selected' | 'dropped';
}

/** Open and held spans that are known; more are treated as if their parent were in another process. Some 700 bytes each. */
const MAX_NODES = 20_000;
/** Ended spans that wait for spans below them. */
const MAX_HELD = 1_000;
/** How long an LLM span waits for the spans below it: if they repeat its usage, theirs is the exact one. */
const HOLD_LLM_MS = 2_000;
/** How long any other span waits: until then it can still turn out to lead to an LLM span. It costs no tokens if not. */
const HOLD_OTHER_MS = 60_000;
/** Parent links are data: a circle in them must end. */
const MAX_DEPTH = 1_000;
/** Ids remembered of spans that are gone. */
const MAX_REMEMBERED = 10_000;

/**
 * Decides which spans go to Langfuse and gives them out with children before their parents, so that each decision and
 * each count is made with everything known that it depends on.
 */
export class Selector {
  readonly #options: SelectorOptions;
  readonly #now: () => number;
  /** Spans that have started and are not settled, by span id, oldest first. */
  readonly #nodes = new Map<string, Node>();
  readonly #held = new Set<Node>();
  readonly #selectedIds = new RecentSet(MAX_REMEMBERED);
  /** Parents of selected spans that were not known yet. */
  readonly #leadingIds = new RecentSet(MAX_REMEMBERED);
  #selected: SelectedSpan[] = [];
  #passed: PassedSpan[] = [];

  constructor(options: SelectorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** How many ended spans wait for spans below them. */
  get holding(): number {
    return this.#held.size;
  }

  /** For each span as it starts, parents before their children. */
  started(span: StartedSpan): void {
    this.#link(this.#add(span));
    this.#bound();
  }

  /** For spans that come together, in any order: all are known before any is linked to its parent. */
  startedTogether(spans: readonly StartedSpan[]): void {
    const nodes = spans.flatMap((span) => guard('span start', () => this.#add(span)) ?? []);
    for (const node of nodes) this.#link(node);
    this.#bound();
  }

  ended(span: ReadableSpanLike): void {
    const node = this.#nodes.get(span.spanContext().spanId) ?? this.#add(span);
    node.attributes = span.attributes ?? {};
    node.held = span;
    node.heldSince = this.#now();
    if (node.open > 0) this.#held.add(node);
    else this.#settle(node);
    if (this.#held.size > MAX_HELD) for (const oldest of this.#held) return this.#decideEarly(oldest);
  }

  /**
   * Decides about held spans: about those that have waited long enough, or for a flush about all LLM spans, or about
   * all where none of the spans they wait for can still come.
   */
  release(which: 'due' | 'llm' | 'all'): void {
    const now = this.#now();
    for (const node of this.#held) {
      const isLlm = dialectOf(node.attributes, node.scope) !== undefined;
      const isDue = now - node.heldSince >= (isLlm ? HOLD_LLM_MS : HOLD_OTHER_MS);
      if (isDue || which === 'all' || (which === 'llm' && isLlm)) this.#decideEarly(node);
    }
  }

  /** The spans decided about since the last call, children before parents. */
  take(): { selected: SelectedSpan[]; passed: PassedSpan[] } {
    const taken = { selected: this.#selected, passed: this.#passed };
    this.#selected = [];
    this.#passed = [];
    return taken;
  }

  #add(span: StartedSpan): Node {
    const node: Node = Object.assign(placeOf(span), {
      attributes: span.attributes ?? {},
      scope: scopeNameOf(span),
      held: undefined,
      heldSince: 0,
      open: 0,
      leadsToLlm: false,
    });
    this.#nodes.set(node.spanId, node);
    return node;
  }

  #link(node: Node): void {
    const parent = this.#parentOf(node);
    if (parent) parent.open++;
  }

  #parentOf({ parentSpanId }: Node): Node | undefined {
    return parentSpanId === undefined ? undefined : this.#nodes.get(parentSpanId);
  }

  #settle(node: Node): void {
    let next: Node | undefined = node;
    while (next) next = this.#settleOne(next);
  }

  /** Everything below the node is settled: decides and forgets it. Returns the parent if it waited for this. */
  #settleOne(node: Node): Node | undefined {
    const { spanId, parentSpanId, early } = node;
    this.#nodes.delete(spanId);
    this.#held.delete(node);
    const selected = early ? early === 'selected' : (guard('selection', () => this.#decide(node)) ?? false);
    const leads = selected || node.leadsToLlm;
    const parent = this.#parentOf(node);
    if (!parent) {
      if (leads && parentSpanId !== undefined) this.#leadingIds.add(parentSpanId);
      return undefined;
    }
    parent.leadsToLlm ||= leads;
    parent.open--;
    return parent.open === 0 && (parent.held ?? parent.early) ? parent : undefined;
  }

  /** Decides with what is known now; the node stays, so that spans below it still find their way. */
  #decideEarly(node: Node): void {
    node.early = guard('selection', () => this.#decide(node)) ? 'selected' : 'dropped';
    node.held = undefined;
    this.#held.delete(node);
  }

  #decide(node: Node): boolean {
    const { held: span, sampled } = node;
    if (!span || !sampled) return false;
    const dialect = dialectOf(span.attributes, node.scope);
    const isComplete = this.#options.seesStarts && node.open === 0;
    if (!this.#isWanted(node, dialect)) {
      const { traceId, spanId, parentSpanId } = node;
      this.#passed.push({ traceId, spanId, ...defined({ parentSpanId }), isComplete });
      return false;
    }
    this.#selected.push({ span, dialect, isTop: this.#isTop(node), isComplete });
    this.#selectedIds.add(node.spanId);
    return true;
  }

  #isWanted(node: Node, dialect: Dialect | undefined): boolean {
    const { selection } = this.#options;
    if (dialect || selection === 'all') return true;
    return selection === 'llm-path' && (node.leadsToLlm || this.#leadingIds.has(node.spanId));
  }

  #isTop(node: Node): boolean {
    const { selection, seesStarts } = this.#options;
    let last = node;
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const parent = this.#parentOf(last);
      if (!parent) break;
      // On the path to a selected span every open ancestor will be selected; with `llm` only those that are LLM spans.
      const follows =
        selection === 'llm' ? dialectOf(parent.attributes, parent.scope) !== undefined : parent.early !== 'dropped';
      if (follows) return false;
      last = parent;
    }
    const { parentSpanId, parentIsRemote } = last;
    if (parentSpanId === undefined) return true;
    if (this.#selectedIds.has(parentSpanId)) return false;
    return seesStarts || selection === 'llm' || parentIsRemote;
  }

  /** Spans that never end must not fill the memory: a tenth goes at once, which is cheaper than one each time. */
  #bound(): void {
    if (this.#nodes.size <= MAX_NODES) return;
    for (const [spanId, node] of this.#nodes) {
      if (this.#nodes.size <= MAX_NODES * 0.9) return;
      if (node.held) this.#decideEarly(node);
      this.#nodes.delete(spanId);
    }
  }
}
