import { appendFileSync, createReadStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { notify } from '../util/diagnostics.ts';
import { asNumber, asObject, asString, parseJson } from '../util/json-read.ts';
import { DEAD_LETTERS, listFiles, PRIVATE_DIRECTORY, PRIVATE_FILE } from './spool-layout.ts';
import type { DeadLetterStore } from './splitting-sender.ts';

/** One process' dead letters; what is beyond is dropped and counted. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Writes what Langfuse refuses to a file of JSON lines `{ at, status, reason, record }`, in the server's words but
 * without what it quotes of the record, so that reasons can be shown and logged.
 */
export function deadLetterFile(file: string): DeadLetterStore {
  return (record, { status, words }) => {
    const text = record.toString();
    const line = { at: new Date().toISOString(), status, reason: withoutQuotes(words, text), record: text };
    try {
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_FILE_BYTES) return false;
      mkdirSync(path.dirname(file), { recursive: true, mode: PRIVATE_DIRECTORY });
      appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: PRIVATE_FILE });
      notify('warn', 'dead-letter', `Langfuse refuses some spans (HTTP ${status}): they are kept in ${file}`);
      return true;
    } catch {
      return false;
    }
  };
}

/** A record that Langfuse refused. */
export interface DeadLetter {
  /** When, in ISO 8601. */
  at: string;
  /** HTTP status of the answer. */
  status: number;
  /** In the words of Langfuse, without what they quote of the record. */
  reason: string;
  record: string;
}

/** The dead letters of a destination's folder, a file at a time. A line that was not written to its end is left out. */
export async function* readDeadLetters(folder: string): AsyncGenerator<DeadLetter> {
  for (const file of listFiles(path.join(folder, DEAD_LETTERS))) yield* lettersOf(file.path);
}

/**
 * Takes the dead letters out of a destination's folder: each file goes when its last one was taken. A process that dies
 * meanwhile leaves the file, and what it took is taken again.
 */
export async function* takeDeadLetters(folder: string): AsyncGenerator<DeadLetter> {
  for (const file of listFiles(path.join(folder, DEAD_LETTERS))) {
    // A living process may be writing to it: under another name it is ours, and that process begins a new one.
    const taken = file.path.replace(/(?:\.taken)?$/, '.taken');
    renameSync(file.path, taken);
    yield* lettersOf(taken);
    rmSync(taken, { force: true });
  }
}

async function* lettersOf(file: string): AsyncGenerator<DeadLetter> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const letter = asObject(parseJson(line));
    const record = asString(letter?.['record']);
    if (record === undefined) continue;
    yield {
      at: asString(letter?.['at']) ?? '',
      status: asNumber(letter?.['status']) ?? 0,
      reason: asString(letter?.['reason']) ?? '',
      record,
    };
  }
}

/** Runs of this many characters that the reason shares with the record are a quotation, ... */
const QUOTED = 16;
/** ... looked for at every eighth place of the record: none of 24 characters is missed, and 1 MB takes some 20 ms. */
const STEP = 8;

/** The text without its quotations from `source`. */
export function withoutQuotes(text: string, source: string): string {
  const places = new Map<string, number[]>();
  for (let at = 0; at + QUOTED <= text.length; at++) {
    const run = text.slice(at, at + QUOTED);
    places.set(run, [...(places.get(run) ?? []), at]);
  }
  const quoted = new Set<number>();
  for (let at = 0; at + QUOTED <= source.length; at += STEP) {
    const run = source.slice(at, at + QUOTED);
    const found = places.get(run);
    if (!found) continue;
    // Once is enough, and a record that repeats itself costs no more than another.
    places.delete(run);
    for (const place of found) {
      let [start, end] = [place, place + QUOTED];
      for (let before = at - 1; start > 0 && text[start - 1] === source[before]; before--) start--;
      for (let after = at + QUOTED; end < text.length && text[end] === source[after]; after++) end++;
      for (let index = start; index < end; index++) quoted.add(index);
    }
  }
  const kept = [...text.split('').entries()].map(([index, character]) => (quoted.has(index) ? '\0' : character));
  // oxlint-disable-next-line no-control-regex -- stands for what was taken out
  return kept.join('').replaceAll(/\0+/g, '…');
}
