/** Messages to the person who runs the app: on stderr, prefixed, each kind at most once a minute. */

const INTERVAL_MS = 60_000;
const MAX_KINDS = 256;
const lastWarned = new Map<string, number>();

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';
const ORDER: Record<LogLevel, number> = { silent: 0, error: 1, warn: 2, info: 3, debug: 4 };
let level: LogLevel = 'info';

/** One message as it is written. */
export interface Diagnostic {
  severity: Exclude<LogLevel, 'silent'>;
  kind: string;
  text: string;
}

let write = ({ text }: Diagnostic): void => void process.stderr.write(`otel-langfuse: ${text}\n`);

/** Says where messages go in place of plain lines on stderr. For a process of our own. */
export function setDiagnosticWriter(next: (diagnostic: Diagnostic) => void): void {
  write = next;
}

export function setLogLevel(next: LogLevel): void {
  level = next;
}

/**
 * Writes one line to stderr. `kind` is the stable name under which repetitions are suppressed for a minute.
 * Never pass message content, keys or headers.
 */
export function notify(severity: Diagnostic['severity'], kind: string, text: string): void {
  if (ORDER[severity] > ORDER[level]) return;
  // Not the wall clock: set back, it would silence what comes for as long.
  const now = performance.now();
  const last = lastWarned.get(kind);
  if (last !== undefined && now - last < INTERVAL_MS) return;
  if (lastWarned.size >= MAX_KINDS) lastWarned.clear();
  lastWarned.set(kind, now);
  try {
    write({ severity, kind, text });
  } catch {
    // A closed stderr is the app's choice.
  }
}
