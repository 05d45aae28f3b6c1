import { afterAll, describe, expect, test } from 'vitest';
import { type Fault } from './fault.ts';
import { APP_SETTINGS, type Outcome, type PipelineName, prepareRun, type Run, settle } from './harness.ts';

/** `npm run faults` plays more of everything, with the stock pipeline, too, and prints what came out. */
export const isLong: boolean = process.env['FAULTS'] === 'long';

/** Of the printed table. */
const COLUMNS = ['ended', 'delivered', 'deadLettered', 'dropped', 'repeated', 'lost'] as const;

const PROMISED: Partial<Outcome> = { lost: 0, dropped: 0, deadLettered: 0, repeated: 0, spooled: 0 };

async function play({ app, langfuse, play: act }: Fault, pipeline: PipelineName): Promise<Run> {
  const run = await prepareRun(pipeline, { ...APP_SETTINGS, ...app });
  if (langfuse) run.sink.answer = langfuse(pipeline);
  await (act ? act(run) : run.start().ended());
  return run;
}

/** Plays each fault and holds us to what is promised of it. */
export function testFaults(title: string, faults: readonly Fault[]): void {
  const printed: string[][] = [];
  const print = (fault: Fault, pipeline: PipelineName, outcome: Outcome, run: Run): void => {
    const counts = COLUMNS.map((column) => String(outcome[column]));
    printed.push([fault.name, pipeline, ...counts, fault.measured?.(run) ?? '']);
  };

  const playOurs = (fault: Fault): void =>
    test(fault.name, { timeout: isLong ? 300_000 : 30_000 }, async ({ skip }) => {
      if (fault.notHere !== undefined) skip(fault.notHere);
      const run = await play(fault, 'ours');
      const { outcome, books } = await settle(run, 'ours');
      expect(outcome).toMatchObject({ ...PROMISED, ...fault.outcome });
      expect(outcome.ended).toBeGreaterThan(0);
      for (const { accepted, delivered, spooled, deadLettered, dropped } of books) {
        expect(accepted).toBe(delivered + spooled + deadLettered + dropped);
      }
      fault.promise?.(run, outcome);
      print(fault, 'ours', outcome, run);
    });

  const playStock = (fault: Fault): void =>
    test(`${fault.name}, with the stock pipeline`, { timeout: 300_000 }, async () => {
      // What it is not held to, it may break.
      const act = async (run: Run): Promise<unknown> => fault.play?.(run).catch(() => {}) ?? run.start().ended();
      const run = await play({ ...fault, play: act }, 'stock');
      print(fault, 'stock', (await settle(run, 'stock')).outcome, run);
    });

  describe(title, () => {
    for (const fault of faults) {
      playOurs(fault);
      if (isLong && fault.notForStock === undefined) playStock(fault);
    }

    afterAll(() => {
      if (!isLong) return;
      const head = ['fault', 'pipeline', ...COLUMNS, 'measured'];
      const rows = [head, head.map(() => '---'), ...printed.toSorted(([a = ''], [b = '']) => a.localeCompare(b))];
      process.stdout.write(`${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
    });
  });
}
