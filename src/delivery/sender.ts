/** What became of one request. */
export type SendOutcome =
  /** Langfuse has it. `rejectedSpans`: it says that it refused so many of them (OTLP partial success). */
  | { kind: 'accepted'; rejectedSpans: number }
  /** Later, perhaps: an outage, a limit. `afterMs` is the server's wish. */
  | { kind: 'retry'; cause: string; afterMs?: number }
  /** Not before somebody changes keys, address or plan. */
  | { kind: 'refused'; cause: string }
  | { kind: 'too-large' }
  /** Something in it is malformed; `words` are the server's. */
  | { kind: 'invalid'; status: number; words: string };

/** Sends records as one request. Rejects only when `signal` aborts. */
export interface Sender {
  send(records: readonly Buffer[], signal: AbortSignal): Promise<SendOutcome>;
}

/** Outcomes that are left when waiting helps no more. */
export type FinalOutcome = Exclude<SendOutcome, { kind: 'retry' | 'refused' }>;

/** A sender that waits until there is an answer. */
export interface PersistentSender extends Sender {
  send(records: readonly Buffer[], signal: AbortSignal): Promise<FinalOutcome>;
}

/** What became of each of a batch's records. */
export interface Settlement {
  delivered: number;
  deadLettered: number;
  /** Refused by Langfuse without saying which, or not even the dead-letter file could take them. */
  dropped: Record<string, number>;
}
