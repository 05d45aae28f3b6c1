import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { PLACE } from '../support/place.ts';
import { type ProcessResult, runNode } from '../support/run-process.ts';
import { createDelivery } from '../../src/delivery/create-delivery.ts';
import { type Destination, destinationName, localName } from '../../src/delivery/spool-layout.ts';

const MAIN = path.join(PLACE.package, 'dist/cli/main.js');

/** Above the largest pid that systems give. */
const NO_PID = 99_999_999;

/** Runs the built command line in a process of its own, with nothing of the caller's settings. */
export function otelLangfuse(
  words: readonly string[],
  { env = {}, cwd = process.cwd(), input = '' }: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Promise<ProcessResult> {
  const { HOME = '' } = process.env;
  return runNode([MAIN, ...words], { cwd, env: { HOME, ...env }, timeout: 15_000, input });
}

/** Puts records into a spool as a process did that has ended since. Returns its directory. */
export async function leaveRecords(
  root: string,
  records: readonly string[],
  { destination, folder }: { destination?: Destination; folder?: string } = {},
): Promise<string> {
  const spool = { directory: root, durability: 'span', maxBytes: 1e9, maxAgeMs: 1e9 } as const;
  // No server is there, and none is asked within the moment it takes.
  const delivery = createDelivery({ spool, ...(destination && { destination }) });
  delivery.accept(records);
  await delivery.shutdown(0);
  const from = path.join(root, destination ? destinationName(destination) : localName());
  const own = readdirSync(from).find((name) => name.startsWith(`${process.pid}-`));
  if (!own) throw new Error('nothing was written');
  const to = path.join(root, folder ?? path.basename(from));
  const dead = path.join(to, own.replace(/^\d+/, String(NO_PID)));
  mkdirSync(to, { recursive: true });
  renameSync(path.join(from, own), dead);
  return dead;
}
