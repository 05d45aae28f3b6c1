import { readSpool } from '../delivery/read-spool.ts';
import { aggregate } from '../report/aggregate.ts';
import { reportCsv, reportJson } from '../report/export.ts';
import { printReport } from '../report/print.ts';
import { DEFAULT_DIMENSIONS, type Dimension, DIMENSIONS } from '../report/spent-call.ts';
import { parseTime, TIME_FORMATS, type TimeRange } from '../report/time-range.ts';
import { defined } from '../util/json-read.ts';
import { nearest } from '../util/nearest.ts';
import { type Command, defineCommand, UsageError } from './command.ts';
import { readSettings, SPOOL_OPTION } from './settings.ts';

export const report: Command = defineCommand({
  name: 'report',
  summary: 'tokens and cost by model, user, feature, session and day',
  details: `Reads the local spool: what was recorded without Langfuse keys, and what Langfuse does not have yet.
Nothing is changed and nothing is sent. Costs are those of the calls' own time, in USD. A call with several tags is in the
row of each.`,
  options: {
    by: {
      type: 'string',
      value: 'LIST',
      help: `only these tables of ${DIMENSIONS.join(',')} (default: ${DEFAULT_DIMENSIONS.join(',')})`,
    },
    since: { type: 'string', value: 'TIME', help: `only calls from then on: ${TIME_FORMATS}` },
    until: { type: 'string', value: 'TIME', help: 'only calls until then; a date includes that day' },
    spool: SPOOL_OPTION,
    json: { type: 'boolean', help: 'print JSON, with exact costs' },
    csv: { type: 'boolean', help: 'print CSV, with exact costs' },
  },
  async run({ by, since, until, spool, json, csv }, terminal) {
    if (json && csv) throw new UsageError('--json and --csv exclude each other');
    const dimensions = by === undefined ? DEFAULT_DIMENSIONS : parseDimensions(by);
    const range: TimeRange = defined({ from: timeOf('since', since), to: timeOf('until', until) });
    const { directory } = readSettings(spool, terminal).spool;
    const result = await aggregate(recordsOf(directory), dimensions, range);
    if (json) terminal.write(`${JSON.stringify({ spool: directory, ...reportJson(result) }, null, 2)}\n`);
    else if (csv) terminal.write(reportCsv(result));
    else if (result.total.calls + result.unreadable > 0) terminal.write(printReport(result, terminal));
    else terminal.write(emptyReport(directory, since !== undefined || until !== undefined));
    return 0;
  },
});

async function* recordsOf(directory: string): AsyncGenerator<string> {
  for await (const { record } of readSpool(directory)) yield record;
}

function parseDimensions(list: string): Dimension[] {
  const names = list.split(',').map((name) => name.trim());
  return names.filter(Boolean).map((name) => {
    const found = DIMENSIONS.find((dimension) => dimension === name);
    if (found) return found;
    const meant = nearest(name, DIMENSIONS);
    throw new UsageError(
      `--by has no table \`${name}\`: ${meant ? `did you mean ${meant}?` : `write some of ${DIMENSIONS.join(', ')}`}`,
    );
  });
}

function timeOf(option: 'since' | 'until', text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(text, option === 'since' ? 'from' : 'to');
  if (time === undefined) throw new UsageError(`--${option} \`${text}\` is no time: write ${TIME_FORMATS}`);
  return time;
}

function emptyReport(directory: string, isFiltered: boolean): string {
  if (isFiltered) return `No LLM calls of that time in ${directory}. Leave out --since and --until to see all.\n`;
  return `No LLM calls in ${directory}.

Record some:        node --require otel-langfuse/register app.js
Recorded elsewhere: otel-langfuse report --spool DIR
With LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY set, calls go to Langfuse and are seen there.
`;
}
