// The two processes around what `gateway.mjs` measures, and the measuring.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Looks so often whether everything has arrived. */
const POLL_MS = 50;
/** So long nothing comes any more when everything has arrived. */
const QUIET_MS = 2500;

async function ask(child, question) {
  child.send(question);
  const [answer] = await once(child, 'message');
  return answer;
}

/** Seconds of processor time so far, of all its threads. The kernel counts in hundredths. */
function processorSeconds({ pid }) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function peakMegabytes({ pid }) {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** A client that sends so many traces, and a stand-in for Langfuse. */
export class Run {
  static async start(traces) {
    const run = new Run();
    run.sink = fork(path.join(import.meta.dirname, 'gateway-sink.mjs'));
    [{ url: run.sinkUrl }] = await once(run.sink, 'message');
    run.load = fork(path.join(import.meta.dirname, 'gateway-load.mjs'), [traces]);
    // What they fail of, they have said.
    for (const child of [run.sink, run.load]) child.on('exit', (code) => code && process.exit(code));
    [{ spans: run.spans, bytesASpan: run.bytesASpan }] = await once(run.load, 'message');
    return run;
  }

  /**
   * Sends everything, once these are ready, and waits until it has arrived.
   * @param {{ urls: string[], ready: string[], processes: Record<string, import('node:child_process').ChildProcess[]>, copies?: number }}
   *   target which sends everything on so many times
   */
  async measure({ urls, ready, processes, copies = 1 }) {
    for (const url of ready) while (!(await fetch(url).catch(() => undefined))?.ok) await setTimeout(POLL_MS);
    // Until some thousand spans have gone through, compiling and connecting cost more than the work.
    await ask(this.load, { urls, part: 'warm-up' });
    do await setTimeout(QUIET_MS);
    while ((await ask(this.sink, 'count')).spans > 0);
    const groups = Object.entries(processes);
    const before = groups.map(([, group]) => sum(group.map(processorSeconds)));
    const started = performance.now();
    await ask(this.load, { urls, part: 'rest' });
    const taken = performance.now();
    const { spans } = this;
    for (let arrived = 0; arrived < copies * spans; await setTimeout(POLL_MS))
      arrived += (await ask(this.sink, 'count')).spans;
    const delivered = performance.now();
    return {
      taken: (1000 * spans) / (taken - started),
      delivered: (1000 * spans) / (delivered - started),
      /** Microseconds a span, by group. */
      processor: Object.fromEntries(
        groups.map(([name, group], index) => [
          name,
          (1e6 * (sum(group.map(processorSeconds)) - before[index])) / spans,
        ]),
      ),
      memory: Math.max(...groups.flatMap(([, group]) => group.map(peakMegabytes))),
    };
  }

  end() {
    this.sink.disconnect();
    this.load.disconnect();
  }
}
