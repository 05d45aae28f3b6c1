import path from 'node:path';
import type { Config } from '../config/config.ts';
import { createDelivery, spoolFolder } from '../delivery/create-delivery.ts';
import { readDeadLetters, takeDeadLetters } from '../delivery/dead-letters.ts';
import { listNames } from '../delivery/spool-layout.ts';
import { grouped } from '../report/numbers.ts';
import { layOut } from '../report/text-table.ts';
import { type Command, defineCommand, type ExitCode, type Terminal } from './command.ts';
import { readSettings, SPOOL_OPTION } from './settings.ts';
import { deliveryOptions, drain } from './spool-delivery.ts';

/** Spans of one destination that were refused for one reason. */
interface Refusal {
  destination: string;
  spans: number;
  /** When the last of them was, in ISO 8601. */
  last: string;
  status: number;
  reason: string;
}

export const spoolDeadLetters: Command = defineCommand({
  name: 'spool dead-letters',
  summary: 'what Langfuse refused, and why; --retry sends it again',
  details: `Reasons are in the words of Langfuse, without what they quote of a span. --retry takes the spans that were
refused for the project of LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY and sends them again; what is refused again is a
dead letter again.`,
  options: {
    retry: { type: 'boolean', help: 'send them again' },
    spool: SPOOL_OPTION,
    json: { type: 'boolean', help: 'print JSON' },
  },
  async run({ retry, spool, json }, terminal) {
    const config = readSettings(spool, terminal);
    return retry ? sendAgain(config, terminal, json === true) : list(config, terminal, json === true);
  },
});

async function list({ spool: { directory } }: Config, terminal: Terminal, json: boolean): Promise<ExitCode> {
  const refusals = await refusalsIn(directory);
  if (json) terminal.write(`${JSON.stringify({ spool: directory, refusals }, null, 2)}\n`);
  else if (refusals.length === 0) terminal.write(`No dead letters in ${directory}.\n`);
  else terminal.write(`${directory}\n\n${printRefusals(refusals, terminal.width)}\n`);
  return 0;
}

async function refusalsIn(root: string): Promise<Refusal[]> {
  const refusals = new Map<string, Refusal>();
  for (const destination of listNames(root)) {
    for await (const { at, status, reason } of readDeadLetters(path.join(root, destination))) {
      const key = JSON.stringify([destination, status, reason]);
      const refusal = refusals.get(key) ?? { destination, spans: 0, last: at, status, reason };
      refusal.spans++;
      if (at > refusal.last) refusal.last = at;
      refusals.set(key, refusal);
    }
  }
  return [...refusals.values()].toSorted((a, b) => b.last.localeCompare(a.last));
}

function printRefusals(refusals: readonly Refusal[], width: number): string {
  const columns = [
    { title: 'destination', align: 'left' },
    { title: 'spans', align: 'right' },
    { title: 'last', align: 'left' },
    { title: 'HTTP', align: 'right' },
    { title: 'reason', align: 'left' },
  ] as const;
  const rows = refusals.map(({ destination, spans, last, status, reason }) => [
    destination,
    grouped(spans),
    last.slice(0, 16).replace('T', ' '),
    String(status),
    reason,
  ]);
  return layOut(columns, rows, width).join('\n');
}

async function sendAgain(config: Config, terminal: Terminal, json: boolean): Promise<ExitCode> {
  const options = deliveryOptions(config);
  const folder = spoolFolder(options);
  // On disk as it is taken: a dead letter is never in memory only.
  const delivery = createDelivery({ ...options, spool: { ...options.spool, durability: 'span' } });
  for await (const { record } of takeDeadLetters(folder)) delivery.accept([record]);
  return drain(delivery, config, terminal, json);
}
