import path from 'node:path';
import type { Config } from '../config/config.ts';
import { guard, guardAsync } from '../util/guard.ts';
import { defined } from '../util/json-read.ts';
import { AdoptedSpools } from './adopted-spools.ts';
import { deadLetterFile } from './dead-letters.ts';
import type { DeliveryCounters, DurableDelivery, FlushResult } from './delivery.ts';
import { DiskQueue, type DiskQueueOptions } from './disk-queue.ts';
import { httpSender } from './http-sender.ts';
import { Ledger } from './ledger.ts';
import { MemoryQueue } from './memory-queue.ts';
import { OwnSpool } from './own-spool.ts';
import { HEARTBEAT_MS, newDirectoryName } from './process-identity.ts';
import type { RecordQueue } from './record-queue.ts';
import { SelfTelemetry } from './self-telemetry.ts';
import { DEAD_LETTERS, type Destination, destinationName, localName } from './spool-layout.ts';
import { Transmission } from './transmission.ts';

export interface DeliveryOptions {
  /** Without one, records stay in the local spool until a process in the same working directory has one. */
  destination?: Destination | undefined;
  spool: Config['spool'];
  /**
   * How long delivered records are kept on disk, in milliseconds since their segment was last written: a restarted process
   * can look at them with `recentRecords`. They count in the cap and are the first to be dropped. A process that goes on
   * with what its predecessor counted may correct spans of its, so what it left is delivered first. Default: 0.
   */
  retainMs?: number;
  /**
   * Whether the counters are shown as metrics of the app, once it has a meter provider. Its exporter then has something to
   * send, and where nobody takes it, tries for seconds as the app ends. Default: false.
   */
  metrics?: boolean;
  /** Delays between tries are so many times as long: tests live through outages in moments. Default: 1. */
  timeScale?: number;
}

/**
 * An append happens after so many records, characters or milliseconds, whichever is first. The processor in front of it
 * waits 25 ms at most: together, and with what timers are late by, the 50 ms that a kill can cost.
 */
const APPEND_RECORDS = 64;
const APPEND_CHARACTERS = 1024 * 1024;
const APPEND_MS = 20;
/** No server takes a tenth of it; a character is at most three bytes of the 64 MB that the record format allows. */
const MAX_RECORD_CHARACTERS = 16 * 1024 * 1024;
/** Memory for records that must not or cannot be on disk. */
const MEMORY_BYTES = 32 * 1024 * 1024;
/** Other processes' directories are looked at so long after the start, clear of the app's own. */
const FIRST_LOOK_MS = 200;
/** How often what nobody delivers is held to the caps. */
const SWEEP_MS = 60 * 60 * 1000;
/** Of so many requests, one is for what dead processes left. */
const BACKLOG_SHARE = 4;
const FLUSH_MS = 30_000;
const SHUTDOWN_MS = 2000;

/** The folder in which a delivery with these options keeps its records. */
export function spoolFolder({ destination, spool }: DeliveryOptions): string {
  return path.join(spool.directory, destination ? destinationName(destination) : localName());
}

/** The folders in which dead processes left records for this destination, those recorded without keys among them. */
export function sourceFolders(options: DeliveryOptions): string[] {
  const folders = [spoolFolder(options), path.join(options.spool.directory, localName())];
  return [...new Set(folders)];
}

/**
 * Starts a delivery: records go to the spool and from there to Langfuse, and so do those that dead processes left.
 * Nothing of it keeps the process alive but a flush that is waited for.
 */
export function createDelivery(options: DeliveryOptions): DurableDelivery {
  return new SpooledDelivery(options);
}

class SpooledDelivery implements DurableDelivery {
  readonly #spool: Config['spool'];
  readonly #isSuccessor: boolean;
  readonly #ledger = new Ledger();
  readonly #own: OwnSpool;
  readonly #adopted: AdoptedSpools | undefined;
  readonly #transmission: Transmission | undefined;
  readonly #telemetry: SelfTelemetry | undefined;

  /** Accepted, not appended. */
  #pending: string[] = [];
  #pendingCharacters = 0;
  #stopped = false;
  #appendTimer: NodeJS.Timeout | undefined;
  readonly #maintenance: NodeJS.Timeout[] = [];

  constructor(options: DeliveryOptions) {
    const { destination, spool, retainMs = 0 } = options;
    this.#spool = spool;
    this.#isSuccessor = retainMs > 0;
    const folder = spoolFolder(options);
    const name = newDirectoryName();
    const onDisk = spool.durability !== 'memory';
    const queueOptions = (directory: string): DiskQueueOptions => ({
      directory,
      maxBytes: spool.maxBytes,
      sync: spool.durability === 'fsync',
      retainMs,
      events: this.#ledger,
    });
    this.#own = new OwnSpool(
      onDisk ? new DiskQueue(queueOptions(path.join(folder, name))) : undefined,
      new MemoryQueue(Math.min(MEMORY_BYTES, spool.maxBytes), this.#ledger),
    );
    if (onDisk) {
      this.#adopted = new AdoptedSpools({
        ...spool,
        folder,
        sources: destination ? sourceFolders(options) : [],
        queueOptions,
      });
    }
    this.#transmission =
      destination &&
      new Transmission({
        sender: httpSender(destination),
        deadLetters: onDisk ? deadLetterFile(path.join(folder, DEAD_LETTERS, `${name}.jsonl`)) : () => false,
        ledger: this.#ledger,
        nextQueue: (request) => this.#nextQueue(request),
        ...defined({ timeScale: options.timeScale }),
      });
    this.#telemetry = options.metrics ? new SelfTelemetry(path.basename(folder), () => this.counters()) : undefined;
    this.#scheduleMaintenance();
  }

  accept(records: readonly string[]): void {
    const taken = this.#admit(records);
    this.#ledger.accepted(taken.length);
    this.#pending.push(...taken);
    this.#pendingCharacters += taken.reduce((sum, { length }) => sum + length, 0);
    const immediately = this.#spool.durability !== 'batch' || this.#stopped;
    if (immediately || this.#pending.length >= APPEND_RECORDS || this.#pendingCharacters >= APPEND_CHARACTERS) {
      this.#append();
    } else {
      this.#appendTimer ??= setTimeout(() => guard('spool', () => this.#append()), APPEND_MS).unref();
    }
  }

  async acceptDurably(records: readonly string[]): Promise<'durable' | 'refused'> {
    const taken = this.#admit(records);
    if (taken.length === 0) return 'durable';
    if (!this.#own.appendIfRoom(taken)) return 'refused';
    this.#ledger.accepted(taken.length);
    this.#transmission?.soon();
    return (await this.#own.sync()) ? 'durable' : 'refused';
  }

  /** Without those that no server takes. */
  #admit(records: readonly string[]): readonly string[] {
    const taken = records.filter(({ length }) => length <= MAX_RECORD_CHARACTERS);
    const tooLarge = records.length - taken.length;
    if (tooLarge > 0) {
      this.#ledger.accepted(tooLarge);
      this.#ledger.dropped(tooLarge, 'record-too-large');
    }
    return taken;
  }

  appendNow(): void {
    this.#append();
    guard('spool', () => this.#own.finish());
  }

  async forceFlush(timeoutMs: number = FLUSH_MS): Promise<FlushResult> {
    this.#append();
    this.#claim();
    const settled = this.#own.mark();
    const done = (): boolean => settled() && (this.#adopted?.empty ?? true);
    if (!this.#stopped) await this.#transmission?.until(done, timeoutMs);
    const inMemory = this.#pending.length > 0 || !this.#own.memory.empty;
    const outcome = done() ? 'delivered' : inMemory ? 'pending' : 'durable';
    return { outcome, counters: this.counters() };
  }

  async shutdown(timeoutMs: number = SHUTDOWN_MS): Promise<FlushResult> {
    const { outcome } = await this.forceFlush(timeoutMs);
    this.#stopped = true;
    this.#transmission?.stop();
    this.#telemetry?.stop();
    for (const timer of this.#maintenance) clearTimeout(timer);
    this.appendNow();
    return { outcome, counters: this.counters() };
  }

  counters(): DeliveryCounters {
    return this.#ledger.counters(this.#pending.length + this.#own.length + (this.#adopted?.length ?? 0));
  }

  #append(): void {
    clearTimeout(this.#appendTimer);
    this.#appendTimer = undefined;
    if (this.#pending.length === 0) return;
    const records = this.#pending;
    this.#pending = [];
    this.#pendingCharacters = 0;
    guard('spool', () => {
      this.#own.append(records);
      this.#transmission?.soon();
    });
  }

  /** What is new first, not held up by a backlog; but a backlog has its share, and is not held up for ever. */
  #nextQueue(request: number): RecordQueue | undefined {
    const [own, backlog] = [this.#own.nextQueue(), this.#adopted?.next()];
    const backlogFirst = this.#isSuccessor || request % BACKLOG_SHARE === BACKLOG_SHARE - 1;
    return backlogFirst ? (backlog ?? own) : (own ?? backlog);
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

  /** The heartbeat of this process' directories, and a look for those of dead ones and for a meter provider. */
  #claim(): void {
    guard('spool', () => {
      this.#own.maintain(this.#spool);
      this.#adopted?.claim();
      if (this.#nextQueue(0)) this.#transmission?.soon();
    });
    this.#telemetry?.look();
  }
}
