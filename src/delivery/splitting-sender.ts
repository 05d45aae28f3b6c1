import { notify } from '../util/diagnostics.ts';
import type { FinalOutcome, PersistentSender, Settlement } from './sender.ts';
import { shortenRecord } from './shorten-record.ts';

/** Keeps a record that Langfuse refuses, with the reason. Returns whether it could. */
export type DeadLetterStore = (record: Buffer, reason: { status: number; words: string }) => boolean;

/**
 * Brings a batch to its end record by record: too large is halved by bytes down to a lone record, of which long texts are
 * cut; malformed is halved down to the record at fault. What Langfuse never takes becomes a dead letter, as it was.
 */
export async function sendSplitting(
  sender: PersistentSender,
  deadLetters: DeadLetterStore,
  records: readonly Buffer[],
  signal: AbortSignal,
): Promise<Settlement> {
  const settlement: Settlement = { delivered: 0, deadLettered: 0, dropped: {} };
  const drop = (reason: string, count: number): void => {
    settlement.dropped[reason] = (settlement.dropped[reason] ?? 0) + count;
  };
  const settleAll = async (part: readonly Buffer[]): Promise<void> => {
    let outcome = await sender.send(part, signal);
    const [record] = part;
    if (part.length === 1 && record && outcome.kind === 'too-large')
      outcome = await sendShortened(sender, record, signal);
    if (outcome.kind === 'accepted') {
      const rejected = Math.min(outcome.rejectedSpans, part.length);
      settlement.delivered += part.length - rejected;
      if (rejected > 0) drop('rejected', rejected);
    } else if (part.length > 1) {
      for (const half of halves(part)) await settleAll(half);
    } else if (record && deadLetters(record, reasonOf(outcome))) settlement.deadLettered++;
    else drop('dead-letter-unwritable', 1);
  };
  await settleAll(records);
  return settlement;
}

/** Nobody knows how much a server takes: it is asked with half as much again and again. */
async function sendShortened(sender: PersistentSender, record: Buffer, signal: AbortSignal): Promise<FinalOutcome> {
  let outcome: FinalOutcome = { kind: 'too-large' };
  for (let shorter = shortenRecord(record); shorter && outcome.kind === 'too-large'; shorter = shortenRecord(shorter)) {
    outcome = await sender.send([shorter], signal);
  }
  if (outcome.kind === 'accepted')
    notify('warn', 'shortened', 'a span was too large for Langfuse: its long texts are cut');
  return outcome;
}

function reasonOf(outcome: Exclude<FinalOutcome, { kind: 'accepted' }>): { status: number; words: string } {
  return outcome.kind === 'too-large' ? { status: 413, words: 'too large for one request' } : outcome;
}

/** Two non-empty parts of about the same number of bytes. */
export function halves(records: readonly Buffer[]): [Buffer[], Buffer[]] {
  const total = records.reduce((sum, { length }) => sum + length, 0);
  let middle = 0;
  for (let bytes = 0; middle < records.length && bytes < total / 2; middle++) bytes += records[middle]?.length ?? 0;
  middle = Math.min(Math.max(middle, 1), records.length - 1);
  return [records.slice(0, middle), records.slice(middle)];
}
