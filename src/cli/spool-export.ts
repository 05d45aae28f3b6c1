import { readSpool } from '../delivery/read-spool.ts';
import { counted } from '../report/numbers.ts';
import { type Command, defineCommand } from './command.ts';
import { readSettings, SPOOL_OPTION } from './settings.ts';

export const spoolExport: Command = defineCommand({
  name: 'spool export',
  summary: 'what waits on disk, as OTLP JSON lines',
  details: `Each line is one OTLP TracesData, as the file exporter of the OpenTelemetry Collector writes and its
otlpjsonfile receiver reads. They hold what was recorded of messages. Nothing is taken out of the spool.`,
  options: {
    all: { type: 'boolean', help: 'also what is delivered and still on disk' },
    spool: SPOOL_OPTION,
  },
  async run({ all, spool }, terminal) {
    const { directory } = readSettings(spool, terminal).spool;
    let spans = 0;
    for await (const { record, delivered } of readSpool(directory)) {
      if (delivered && !all) continue;
      terminal.write(`{"resourceSpans":[${record}]}\n`);
      spans++;
    }
    terminal.say(`${counted(spans, 'span')} exported`);
    return 0;
  },
});
