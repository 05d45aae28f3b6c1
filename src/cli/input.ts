import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { CommandError } from './command.ts';

/** The lines of a file or, without one, of standard input. @throws {CommandError} if the file cannot be read. */
export async function* readLines(file: string | undefined): AsyncGenerator<string> {
  if (file === undefined) {
    yield* createInterface({ input: process.stdin, crlfDelay: Infinity });
    return;
  }
  try {
    const handle = await open(file);
    yield* handle.readLines();
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
