import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Who owns a spool directory is in its name: `<pid>-<machine>.<start>-<random>`. Owning by name makes taking over a
 * directory one atomic rename.
 *
 * - `machine` stands for one boot of one machine and, on Linux, one pid namespace: pids compare within it only.
 * - `start` is the process' start time where the system tells it of any process (Linux), else 0. It tells a process
 *   from a later one with the same pid, which containers have at every restart.
 */
export interface ProcessIdentity {
  pid: number;
  machine: string;
  start: string;
}

/** A live owner touches its directory this often ... */
export const HEARTBEAT_MS = 60_000;
/**
 * ... and where pids cannot tell (another host or container on a shared volume), it is dead when it has not for so
 * long. Should it only have slept, it notices at its next append and goes on in a new directory.
 */
export const SILENCE_MS: number = 5 * HEARTBEAT_MS;

const NAME = /^(\d+)-([0-9a-f]+)\.(\d+)-[0-9a-f]+$/;

let own: ProcessIdentity | undefined;

export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, machine: machineIdentity(), start: startOf('self') ?? '0' };
  return own;
}

/** A new name for a directory of this process. */
export function newDirectoryName(): string {
  const { pid, machine, start } = ownIdentity();
  return `${pid}-${machine}.${start}-${randomBytes(4).toString('hex')}`;
}

/** Reads a directory's owner from its name; `undefined` if it is not a spool directory's name. */
export function parseDirectoryName(name: string): ProcessIdentity | undefined {
  const [, pid, machine, start] = NAME.exec(name) ?? [];
  return pid && machine && start ? { pid: Number(pid), machine, start } : undefined;
}

/** @param silentMs time since the owner last touched the directory. */
export function isAlive(owner: ProcessIdentity, silentMs: number): boolean {
  if (owner.machine !== ownIdentity().machine) return silentMs < SILENCE_MS;
  if (!pidExists(owner.pid)) return false;
  const start = startOf(owner.pid);
  if (start === undefined || owner.start === '0') return silentMs < SILENCE_MS;
  // Of this process' own directories, one may be of a worker thread that was terminated.
  return start === owner.start && (owner.pid !== process.pid || silentMs < SILENCE_MS);
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and is another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Clock ticks from boot to the start of a process: field 22 of `stat`, counted behind the name, which may hold anything. */
function startOf(pid: number | 'self'): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function machineIdentity(): string {
  const parts = [
    hostname(),
    attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')),
    attempt(() => readlinkSync('/proc/self/ns/pid')),
  ];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
