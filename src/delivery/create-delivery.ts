import path from 'node:path';
import type { Config } from '../config/config.ts';
import { guard, guardAsync } from '../util/guard.ts';
import { AdoptedSpools } from './adopted-spools.ts';
import { deadLetterFile } from './dead-letters.ts';
import type { Delivery, DeliveryCounters, FlushResult } from './delivery.ts';
import { DiskQueue, type DiskQueueOptions } from './disk-queue.ts';
import { httpSender } from './http-sender.ts';
import { Ledger } from './ledger.ts';
import { MemoryQueue } from './memory-queue.ts';
import { OwnSpool } from './own-spool.ts';
import { HEARTBEAT_MS, newDirectoryName } from './process-identity.ts';
import type { RecordQueue } from './record-queue.ts';
import { DEAD_LETTERS, type Destination, destinationName, localName } from './spool-layout.ts';
import { Transmission } from './transmission.ts';

export interface DeliveryOptions {
  /** Without one, records stay in the local spool until a process in the same working directory has one. */
  destination?: Destination | undefined;
  spool: Config['spool'];
}

/** An append happens after so many records, characters or milliseconds, whichever is first: what a kill can cost. */
const APPEND_RECORDS = 64;
const APPEND_CHARACTERS = 1024 * 1024;
const APPEND_MS = 50;
/** No server takes a tenth of it; a character is at most three bytes of the 64 MB that the record format allows. */
const MAX_RECORD_CHARACTERS = 16 * 1024 * 1024;
/** Memory for records that must not or cannot be on disk. */
const MEMORY_BYTES = 32 * 1024 * 1024;
/** Other processes' directories are looked at so long after the start, clear of the app's own. */
const FIRST_LOOK_MS = 200;
/** How often what nobody delivers is held to the caps. */
const SWEEP_MS = 60 * 60 * 1000;
const FLUSH_MS = 30_000;
const SHUTDOWN_MS = 2000;

/** The folder in which a delivery with these options keeps its records. */
export function spoolFolder({ destination, spool }: DeliveryOptions): string {
  return path.join(spool.directory, destination ? destinationName(destination) : localName());
}

/**
 * Starts a delivery: records go to the spool and from there to Langfuse, and so do those that dead processes left.
 * Nothing of it keeps the process alive but a flush that is waited for.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new SpooledDelivery(options);
}

class SpooledDelivery implements Delivery {
  readonly #spool: Config['spool'];
  readonly #ledger = new Ledger();
  readonly #own: OwnSpool;
  readonly #adopted: AdoptedSpools | undefined;
  readonly #transmission: Transmission | undefined;

  /** Accepted, not appended. */
  #pending: string[] = [];
  #pendingCharacters = 0;
  /** Records that were ever pending. */
  #taken = 0;
  #stopped = false;
  #appendTimer: NodeJS.Timeout | undefined;
  readonly #maintenance: NodeJS.Timeout[] = [];

  constructor(options: DeliveryOptions) {
    const { destination, spool } = options;
    this.#spool = spool;
    const folder = spoolFolder(options);
    const name = newDirectoryName();
    const onDisk = spool.durability !== 'memory';
    const queueOptions = (directory: string): DiskQueueOptions => ({
      directory,
      maxBytes: spool.maxBytes,
      sync: spool.durability === 'fsync',
      events: this.#ledger,
    });
    this.#own = new OwnSpool(
      onDisk ? new DiskQueue(queueOptions(path.join(folder, name))) : undefined,
      new MemoryQueue(Math.min(MEMORY_BYTES, spool.maxBytes), this.#ledger),
    );
    if (onDisk) {
      const local = path.join(spool.directory, localName());
      this.#adopted = new AdoptedSpools({
        ...spool,
        folder,
        sources: destination ? [folder, local] : [],
        queueOptions,
      });
      this.#scheduleMaintenance();
    }
    this.#transmission =
      destination &&
      new Transmission({
        sender: httpSender(destination),
        deadLetters: onDisk ? deadLetterFile(path.join(folder, DEAD_LETTERS, `${name}.jsonl`)) : () => false,
        ledger: this.#ledger,
        nextQueue: () => this.#nextQueue(),
      });
  }

  accept(records: readonly string[]): void {
    this.#ledger.accepted(records.length);
    for (const record of records) this.#take(record);
    const immediately = this.#spool.durability !== 'batch' || this.#stopped;
    if (immediately || this.#pending.length >= APPEND_RECORDS || this.#pendingCharacters >= APPEND_CHARACTERS) {
      this.#append();
    } else {
      this.#appendTimer ??= setTimeout(() => this.#append(), APPEND_MS).unref();
    }
  }

  #take(record: string): void {
    if (record.length > MAX_RECORD_CHARACTERS) return this.#ledger.dropped(1, 'record-too-large');
    this.#taken++;
    this.#pending.push(record);
    this.#pendingCharacters += record.length;
  }

  appendNow(): void {
    this.#append();
    guard('spool', () => this.#own.finish());
  }

  async forceFlush(timeoutMs: number = FLUSH_MS): Promise<FlushResult> {
    this.#append();
    this.#claim();
    const target = this.#taken;
    const done = (): boolean => this.#finished >= target && !this.#adopted?.next();
    if (!this.#stopped) await this.#transmission?.until(done, timeoutMs);
    const inMemory = this.#pending.length > 0 || !this.#own.memory.empty;
    const outcome = done() ? 'delivered' : inMemory ? 'pending' : 'durable';
    return { outcome, counters: this.counters() };
  }

  async shutdown(timeoutMs: number = SHUTDOWN_MS): Promise<FlushResult> {
    const { outcome } = await this.forceFlush(timeoutMs);
    this.#stopped = true;
    this.#transmission?.stop();
    for (const timer of this.#maintenance) clearTimeout(timer);
    this.appendNow();
    return { outcome, counters: this.counters() };
  }

  counters(): DeliveryCounters {
    return this.#ledger.counters(this.#pending.length + this.#own.length + (this.#adopted?.length ?? 0));
  }

  /** How many of the taken records have met their fate. */
  get #finished(): number {
    return this.#taken - this.#pending.length - this.#own.length;
  }

  #append(): void {
    clearTimeout(this.#appendTimer);
    this.#appendTimer = undefined;
    if (this.#pending.length === 0) return;
    const records = this.#pending;
    this.#pending = [];
    this.#pendingCharacters = 0;
    this.#own.append(records);
    this.#transmission?.soon();
  }

  /** What is new first: a backlog must not hold it up. */
  #nextQueue(): RecordQueue | undefined {
    return this.#own.nextQueue() ?? this.#adopted?.next();
  }

  #scheduleMaintenance(): void {
    const claim = (): void => this.#claim();
    const sweep = (): void => {
      // First the heartbeat: after a sleep of the machine, this process' own directory looks abandoned.
      claim();
      void guardAsync('spool', async () => this.#adopted?.sweep());
    };
    this.#maintenance.push(
      setTimeout(sweep, FIRST_LOOK_MS),
      setInterval(claim, HEARTBEAT_MS),
      setInterval(sweep, SWEEP_MS),
    );
    for (const timer of this.#maintenance) timer.unref();
  }

  /** The heartbeat of this process' directories, and a look for those of dead ones. */
  #claim(): void {
    guard('spool', () => {
      this.#own.maintain(this.#spool);
      this.#adopted?.claim();
    });
    if (this.#nextQueue()) this.#transmission?.soon();
  }
}
