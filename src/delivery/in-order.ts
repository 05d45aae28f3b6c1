const SPAN_ID = Buffer.from('"spanId":"');
const ID_DIGITS = 16;

/**
 * Keeps batches that hold the same span apart: a corrected span must not overtake the one it replaces, because Langfuse
 * keeps what comes last. Batches that share none do not wait for each other.
 */
export class InOrder {
  readonly #underWay = new Set<{ spanIds: ReadonlySet<string>; done: Promise<unknown> }>();

  /** Runs `send` when the batches that were given before and share a span with these records are done. */
  async run<T>(records: readonly Buffer[], send: () => Promise<T>): Promise<T> {
    const spanIds = new Set(records.map(spanIdOf));
    const before = [...this.#underWay].filter((other) => [...other.spanIds].some((id) => spanIds.has(id)));
    const sent = Promise.all(before.map(({ done }) => done)).then(send);
    const entry = { spanIds, done: sent.catch(() => {}) };
    this.#underWay.add(entry);
    return sent.finally(() => this.#underWay.delete(entry));
  }
}

/** The first is the span's own: those of its links come after it, and texts have their quotes escaped. */
function spanIdOf(record: Buffer): string {
  const at = record.indexOf(SPAN_ID) + SPAN_ID.length;
  return record.toString('latin1', at, at + ID_DIGITS);
}
