import { type ListedModel, listPrices } from '../cost/price-list.ts';
import { CATALOG_VERSION } from '../cost/index.ts';
import { layOut } from '../report/text-table.ts';
import { defined } from '../util/json-read.ts';
import { type Command, CommandError, defineCommand } from './command.ts';

export const prices: Command = defineCommand({
  name: 'prices',
  summary: 'what a model costs now, in which tiers, since when and by which source',
  details: `Shows the built-in prices of every provider that sells the model, or of all models. Amounts are USD.`,
  argument: { value: 'MODEL', help: 'the model, in any spelling that a call may have (default: all)' },
  options: {
    provider: { type: 'string', value: 'NAME', help: 'only of that provider' },
    json: { type: 'boolean', help: 'print JSON' },
  },
  async run({ provider, json }, terminal, model) {
    const when = new Date();
    const models = listPrices(defined({ model, provider, when }));
    if (models.length === 0)
      throw new CommandError(
        `no price is known for ${[model ?? 'any model', provider].filter(Boolean).join(' of ')}. Prices of your own: OTEL_LANGFUSE_PRICES`,
      );
    if (json) terminal.write(`${JSON.stringify({ catalog: CATALOG_VERSION, models }, null, 2)}\n`);
    else if (model === undefined) terminal.write(overview(models, terminal.width));
    else terminal.write(models.map((one) => details(one, terminal.width)).join('\n'));
    return 0;
  },
});

/** One line a model, with the prices that most have. */
function overview(models: readonly ListedModel[], width: number): string {
  const rows = models.map(({ provider, model, prices: listed, since = '' }) => [
    model,
    provider,
    ...['input', 'cache read', 'cache write', 'output'].map((item) =>
      String(listed.find((one) => one.item === item)?.usd ?? ''),
    ),
    since.slice(0, 10),
  ]);
  const lines = layOut(
    [
      { title: 'model', align: 'left' },
      { title: 'provider', align: 'left' },
      { title: 'input', align: 'right' },
      { title: 'cache read', align: 'right' },
      { title: 'cache write', align: 'right' },
      { title: 'output', align: 'right' },
      { title: 'since', align: 'left' },
    ],
    rows,
    width,
  );
  return `${models.length} models, USD for a million tokens (${CATALOG_VERSION})\n\n${lines.join('\n')}\n`;
}

function details({ provider, model, prices: listed, since, hours, rules, source }: ListedModel, width: number): string {
  const lasting = [
    since === undefined ? '' : `since ${since}`,
    hours === undefined ? '' : `from ${hours.join(' to ')} UTC`,
  ].filter(Boolean);
  const head = [`${model} of ${provider}`, ...lasting].join(', ');
  const priceLines = layOut(
    [
      { title: 'price', align: 'left' },
      { title: 'USD', align: 'right' },
      { title: 'for', align: 'left' },
      { title: 'prompt above', align: 'right' },
    ],
    listed.map(({ item, usd, per, above }) => [
      item,
      String(usd),
      per,
      above === undefined ? '' : above.toLocaleString('en'),
    ]),
    width,
  );
  const ruleLines = layOut(
    [
      { title: 'calls with', align: 'left' },
      { title: 'cost', align: 'left' },
      { title: 'source', align: 'left' },
    ],
    rules.map((rule) => [rule.when, rule.effect, rule.source]),
    width,
  );
  return [
    head,
    `source: ${source}`,
    '',
    ...(listed.length > 0 ? priceLines : ['free']),
    ...(rules.length > 0 ? ['', ...ruleLines] : []),
    '',
  ].join('\n');
}
