import type { Config } from '../config/config.ts';
import type { DeliveryOptions } from '../delivery/create-delivery.ts';
import type { Delivery, DeliveryCounters } from '../delivery/delivery.ts';
import type { Destination } from '../delivery/spool-layout.ts';
import { counted, grouped } from '../report/numbers.ts';
import { CommandError, type ExitCode, type Terminal } from './command.ts';

/** Without any delivery for this long, the rest is left for later. */
const PATIENCE_MS = 30_000;
const LIVE_PROGRESS_MS = 200;
const PLAIN_PROGRESS_MS = 5000;

/** A delivery to the project of the configured keys. @throws {CommandError} naming the variables that are missing. */
export function deliveryOptions({ langfuse, spool }: Config): DeliveryOptions & { destination: Destination } {
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

/** Delivers what there is, tells of it, and stops. 1 if something stays behind or is refused. */
export async function drain(delivery: Delivery, config: Config, terminal: Terminal, json: boolean): Promise<ExitCode> {
  const complete = await deliverAll(delivery, terminal);
  const { counters } = await delivery.shutdown(0);
  if (json) terminal.write(`${JSON.stringify({ complete, ...counters }, null, 2)}\n`);
  else terminal.write(summary(counters, config.langfuse.baseUrl));
  if (!complete) terminal.say(`not everything could be delivered: the rest stays in ${config.spool.directory}`);
  return complete && counters.deadLettered + counters.dropped === 0 ? 0 : 1;
}

/** Delivers until nothing is left or nothing moves any more; says whether nothing is left. */
async function deliverAll(delivery: Delivery, { interactive, progress, say }: Terminal): Promise<boolean> {
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
