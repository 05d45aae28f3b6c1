import { ACCEPT, type LangfuseSink, type SinkAnswer } from '../support/langfuse-sink.ts';
import { expect } from 'vitest';
import type { AppSettings, Outcome, PipelineName, Run } from './harness.ts';

/** Something that goes wrong between an app and Langfuse. */
export interface Fault {
  name: string;
  app?: Partial<AppSettings>;
  /** How Langfuse answers, from the moment the app starts; it is well when the app has ended. */
  langfuse?: (pipeline: PipelineName) => LangfuseSink['answer'];
  /** Plays it out. By default the app runs to its end. */
  play?: (run: Run) => Promise<unknown>;
  /** What must hold besides 0 lost, 0 dropped, 0 dead letters and nothing twice. */
  outcome?: Partial<Outcome>;
  /** What ours must do, and the stock pipeline need not. */
  promise?: (run: Run, outcome: Outcome) => void;
  /** What was measured of either, for the printed table. */
  measured?: (run: Run) => string;
  /** Why the stock pipeline has no such fault. */
  notForStock?: string;
  /** Why it cannot be played here. */
  notHere?: string | undefined;
}

export const SECOND = 1000;
/** So many times shorter are our delays where an outage is. */
export const COMPRESSED: number = 1 / 60;

export const after = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

export const toTheEnd = async (run: Run): Promise<void> => void (await run.start().ended());

/** The app runs on, and flushes for nobody, until everything it ended has arrived. */
export async function untilDelivered(run: Run): Promise<void> {
  const app = run.start({ ending: 'wait' });
  await app.says('ready');
  const deadline = performance.now() + 45 * SECOND;
  while (new Set(run.sink.accepted).size < run.ended().length && performance.now() < deadline) await after(20);
  app.process.kill('SIGTERM');
  await app.ended();
}

/** Nobody makes the delays of the stock pipeline shorter, so its outages are not: long enough for three of its exports. */
const STOCK_OUTAGE_MS = 15 * SECOND;

/** For so long, Langfuse answers like this. */
export const outage = (ms: number, answer: SinkAnswer): Fault['langfuse'] & object => {
  return (pipeline) => {
    const end = performance.now() + (pipeline === 'stock' ? STOCK_OUTAGE_MS : ms);
    return () => (performance.now() < end ? answer : ACCEPT);
  };
};

/** To the first so many requests, Langfuse answers like this. */
export const firstly = (times: number, answer: () => SinkAnswer): (() => LangfuseSink['answer']) => {
  return () => {
    let left = times;
    return () => (left-- > 0 ? answer() : ACCEPT);
  };
};

/** Sends a signal to an app that has ended its spans, and says how it ended. */
export const signalled = (signal: NodeJS.Signals, ending: 'wait' | 'handle', expected: object) => async (run: Run) => {
  const app = run.start({ ending });
  await app.says('ready');
  const from = performance.now();
  app.process.kill(signal);
  expect(await app.ended()).toMatchObject(expected);
  // Two seconds, and what a busy machine takes to end a process.
  expect(performance.now() - from).toBeLessThan(3.5 * SECOND);
};
