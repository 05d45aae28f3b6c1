import type { Config } from '../config/config.ts';
import { createDelivery, type DeliveryOptions } from '../delivery/create-delivery.ts';
import type { Delivery, DeliveryCounters } from '../delivery/delivery.ts';
import { moveToLocal, otherLocalDirectories } from '../delivery/local-spools.ts';
import { counted, grouped } from '../report/numbers.ts';
import { type Command, CommandError, defineCommand, type Terminal } from './command.ts';
import { readSettings, SPOOL_OPTION } from './settings.ts';

/** Without any delivery for this long, the rest is left for later. */
const PATIENCE_MS = 30_000;
const LIVE_PROGRESS_MS = 200;
const PLAIN_PROGRESS_MS = 5000;

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
    const delivery = createDelivery(options);
    const complete = await drain(delivery, terminal);
    const { counters } = await delivery.shutdown(0);
    if (json) terminal.write(`${JSON.stringify({ complete, ...counters }, null, 2)}\n`);
    else terminal.write(summary(counters, config.langfuse.baseUrl));
    if (!complete) terminal.say(`not everything could be delivered: the rest stays in ${config.spool.directory}`);
    if (!all && elsewhere.length > 0) {
      terminal.say(
        'apps in other working directories recorded without keys, too: --all delivers theirs to the same project',
      );
    }
    return complete && counters.deadLettered + counters.dropped === 0 ? 0 : 1;
  },
});

/** @throws {CommandError} naming the variables that are missing. */
function deliveryOptions({ langfuse, spool }: Config): DeliveryOptions {
  const { baseUrl, publicKey, secretKey } = langfuse;
  if (publicKey && secretKey) {
    // In memory durability nothing is looked for on disk.
    const durability = spool.durability === 'memory' ? 'batch' : spool.durability;
    return { destination: { baseUrl, publicKey, secretKey }, spool: { ...spool, durability } };
  }
  const missing = [!publicKey && 'LANGFUSE_PUBLIC_KEY', !secretKey && 'LANGFUSE_SECRET_KEY'].filter(Boolean);
  throw new CommandError(
    `${missing.join(' and ')} not set: set what the settings of your Langfuse project show under API keys`,
  );
}

/** Delivers until nothing is left or nothing moves any more; says whether nothing is left. */
async function drain(delivery: Delivery, { interactive, progress, say }: Terminal): Promise<boolean> {
  const show = (): void => {
    const { delivered, spooled } = delivery.counters();
    const line = `${counted(delivered, 'span')} delivered, ${grouped(spooled)} in hand`;
    if (interactive) progress(line);
    else say(line);
  };
  const timer = setInterval(show, interactive ? LIVE_PROGRESS_MS : PLAIN_PROGRESS_MS);
  try {
    let settled = 0;
    for (;;) {
      const { outcome, counters } = await delivery.forceFlush(PATIENCE_MS);
      if (outcome === 'delivered') return true;
      const now = counters.delivered + counters.deadLettered + counters.dropped;
      if (now === settled) return false;
      settled = now;
    }
  } finally {
    clearInterval(timer);
  }
}

function summary({ delivered, deadLettered, droppedByReason }: DeliveryCounters, baseUrl: string): string {
  const lost = Object.entries(droppedByReason).map(([reason, count]) => `${counted(count, 'span')} lost: ${reason}`);
  const refused =
    deadLettered > 0 ? [`${counted(deadLettered, 'span')} refused by Langfuse, kept as dead letters`] : [];
  return `${[`${counted(delivered, 'span')} delivered to ${baseUrl}`, ...refused, ...lost].join('\n')}\n`;
}
