import { createDelivery } from '../delivery/create-delivery.ts';
import { moveToLocal, otherLocalDirectories } from '../delivery/local-spools.ts';
import { type Command, defineCommand } from './command.ts';
import { readSettings, SPOOL_OPTION } from './settings.ts';
import { deliveryOptions, drain } from './spool-delivery.ts';

export const spoolDrain: Command = defineCommand({
  name: 'spool drain',
  summary: 'deliver what ended processes left, to Langfuse',
  details: `Takes the spans that ended processes left for the Langfuse project of LANGFUSE_PUBLIC_KEY and
LANGFUSE_SECRET_KEY at LANGFUSE_BASE_URL, and those recorded without keys in this working directory. Running
processes keep theirs and deliver them themselves. Exits with 1 if something stays behind.`,
  options: {
    all: { type: 'boolean', help: 'also what was recorded without keys in other working directories' },
    spool: SPOOL_OPTION,
    json: { type: 'boolean', help: 'print JSON' },
  },
  async run({ all, spool, json }, terminal) {
    const config = readSettings(spool, terminal);
    const options = deliveryOptions(config);
    const elsewhere = otherLocalDirectories(config.spool.directory);
    if (all) moveToLocal(config.spool.directory, elsewhere);
    const exitCode = await drain(createDelivery(options), config, terminal, json === true);
    if (!all && elsewhere.length > 0) {
      terminal.say(
        'apps in other working directories recorded without keys, too: --all delivers theirs to the same project',
      );
    }
    return exitCode;
  },
});
