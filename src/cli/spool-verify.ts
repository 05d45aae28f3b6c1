import { verifySpool } from '../delivery/verify-spool.ts';
import { counted } from '../report/numbers.ts';
import { type Command, defineCommand } from './command.ts';
import { readSettings, SPOOL_OPTION } from './settings.ts';

export const spoolVerify: Command = defineCommand({
  name: 'spool verify',
  summary: 'check the checksum of every record on disk',
  details: `Nothing is changed. Exits with 1 if a record is damaged. A record at the end of a file that its process did
not finish is no damage: it was being written when the process was killed.`,
  options: {
    spool: SPOOL_OPTION,
    json: { type: 'boolean', help: 'print JSON' },
  },
  async run({ spool, json }, terminal) {
    const { directory } = readSettings(spool, terminal).spool;
    const total = { segments: 0, records: 0, damagedBytes: 0, tornBytes: 0 };
    const damaged: { path: string; damagedBytes: number }[] = [];
    for await (const { path, records, damagedBytes, tornBytes } of verifySpool(directory)) {
      total.segments++;
      total.records += records;
      total.damagedBytes += damagedBytes;
      total.tornBytes += tornBytes;
      if (damagedBytes > 0) damaged.push({ path, damagedBytes });
    }
    if (json) {
      terminal.write(`${JSON.stringify({ spool: directory, ...total, damaged }, null, 2)}\n`);
    } else {
      for (const { path, damagedBytes } of damaged) terminal.write(`damaged: ${damagedBytes} bytes in ${path}\n`);
      const verdict = damaged.length === 0 ? 'no damage' : `${total.damagedBytes} bytes damaged`;
      const where = `${counted(total.segments, 'segment')} of ${directory}`;
      terminal.write(`${counted(total.records, 'span')} intact in ${where}, ${verdict}.\n`);
    }
    return damaged.length === 0 ? 0 : 1;
  },
});
