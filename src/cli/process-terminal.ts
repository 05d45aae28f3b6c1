import type { Terminal } from './command.ts';

const CLEAR_LINE = '\u001B[K';
const DEFAULT_WIDTH = 80;

/** This process' stdout and stderr. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  // The reader of a pipe may have seen enough: `| head`.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write(CLEAR_LINE);
    shown = false;
  };
  return {
    write(text) {
      clear();
      stdout.write(text);
    },
    say(line) {
      clear();
      stderr.write(`otel-langfuse: ${line}\n`);
    },
    progress(line) {
      // The cursor goes back to the start, so that whatever is written next takes the place.
      stderr.write(`${CLEAR_LINE}${line}\r`);
      shown = true;
    },
    interactive: stderr.isTTY === true,
    width: stdout.isTTY ? stdout.columns || DEFAULT_WIDTH : Number.POSITIVE_INFINITY,
    // Knows NO_COLOR, FORCE_COLOR and TERM.
    colour: stdout.isTTY === true && stdout.hasColors(),
  };
}
