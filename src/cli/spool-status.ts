import { readSpool, type SpoolStatus, spoolStatus } from '../delivery/read-spool.ts';
import { grouped } from '../report/numbers.ts';
import { layOut } from '../report/text-table.ts';
import { type Command, defineCommand } from './command.ts';
import { megabytes } from './megabytes.ts';
import { readSettings, SPOOL_OPTION } from './settings.ts';

interface Status extends SpoolStatus {
  /** Not delivered yet. */
  spans: number;
}

export const spoolStatusCommand: Command = defineCommand({
  name: 'spool status',
  summary: 'what waits on disk, by destination',
  options: {
    spool: SPOOL_OPTION,
    json: { type: 'boolean', help: 'print JSON' },
  },
  async run({ spool, json }, terminal) {
    const { directory } = readSettings(spool, terminal).spool;
    const spans = new Map<string, number>();
    for await (const { destination, delivered } of readSpool(directory)) {
      if (!delivered) spans.set(destination, (spans.get(destination) ?? 0) + 1);
    }
    const destinations: Status[] = [];
    for (const status of spoolStatus(directory).filter(holdsSomething)) {
      destinations.push({ ...status, spans: spans.get(status.destination) ?? 0 });
    }
    if (json) terminal.write(`${JSON.stringify({ spool: directory, destinations }, null, 2)}\n`);
    else if (destinations.length === 0) terminal.write(`Nothing in ${directory}.\n`);
    else terminal.write(`${directory}\n\n${printStatus(destinations, terminal.width)}\n`);
    return 0;
  },
});

/** The folder of a destination outlives what was in it. */
function holdsSomething({ processes, deadLetterBytes, quarantinedBytes }: SpoolStatus): boolean {
  return processes.living + processes.dead + deadLetterBytes + quarantinedBytes > 0;
}

function printStatus(destinations: readonly Status[], width: number): string {
  const columns = ['destination', 'spans', 'size', 'running', 'ended', 'oldest', 'refused', 'damaged'];
  const rows = destinations.map(
    ({ destination, spans, bytes, processes, oldest, deadLetterBytes, quarantinedBytes }) => [
      destination,
      grouped(spans),
      megabytes(bytes),
      String(processes.living),
      String(processes.dead),
      oldest === undefined ? '-' : new Date(oldest).toISOString().slice(0, 16).replace('T', ' '),
      megabytes(deadLetterBytes),
      megabytes(quarantinedBytes),
    ],
  );
  const titled = columns.map((title, index) => ({
    title,
    align: index === 0 ? ('left' as const) : ('right' as const),
  }));
  return layOut(titled, rows, width).join('\n');
}
