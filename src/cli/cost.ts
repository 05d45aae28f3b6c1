import { type PricedUsage, priceUsage, type UsageBuckets, type UsageQuery, type UserPrices } from '../cost/index.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { asObject, asString, defined, parseJson } from '../util/json-read.ts';
import { type Command, defineCommand } from './command.ts';
import { readLines } from './input.ts';
import { PRICES_OPTION, readPrices } from './prices-option.ts';

export const cost: Command = defineCommand({
  name: 'cost',
  summary: 'the exact cost of calls, from what the provider reported: JSON lines in, JSON lines out',
  details: `In, one call a line: {"provider", "model"} and one of "usage" (the provider's usage object, as it states it),
"body" (its whole response) and "usage_details" (tokens in buckets that share none). Where the price depends on it:
"usage_format" (openai.chat, ...; else the shape tells), "request" (the body of the request), "service_tier" and
"when" (the time of the call; else now). Any "id" comes back.

Out, in the same order: {"id", "usd", "parts", "usage_details", "source", "catalog", "assumptions"}. "usd" is null
for a call without a known price, and "unpriced" says why. A line that cannot be read gives {"error"} with its line,
and the exit status is 1 at the end.`,
  argument: { value: 'FILE', help: 'the lines to read (default: standard input)' },
  options: { prices: PRICES_OPTION },
  async run({ prices }, terminal, file) {
    const given = readPrices(prices, terminal);
    let number = 0;
    let failures = 0;
    for await (const line of readLines(file)) {
      number += 1;
      if (line.trim() === '') continue;
      const answer = priceLine(line, given);
      if ('error' in answer) failures += 1;
      terminal.write(`${JSON.stringify('error' in answer ? { ...answer, line: number } : answer)}\n`);
    }
    return failures > 0 ? 1 : 0;
  },
});

type Answer = Record<string, unknown>;

function priceLine(line: string, prices: UserPrices | undefined): Answer {
  const call = asObject(parseJson(line));
  if (!call) return { error: 'this is no JSON object' };
  const id = defined({ id: call.id });
  try {
    const answer = priceUsage({ ...readCall(call), ...defined({ prices }) });
    return { ...id, ...(answer.usd === undefined ? { usd: null, unpriced: answer.unpriced.message } : toJson(answer)) };
  } catch (error) {
    return { ...id, error: error instanceof Error ? error.message : String(error) };
  }
}

function toJson({ usd, parts, usageDetails, source, catalogVersion, assumptions, problems }: PricedUsage): Answer {
  return {
    usd,
    parts: parts.map(({ unitUsd, ...line }) => ({ ...line, unit_usd: unitUsd })),
    usage_details: usageDetails,
    source,
    catalog: catalogVersion ?? null,
    assumptions,
    ...(problems.length > 0 && { problems: problems.map(({ message }) => message) }),
  };
}

/** Other fields are the caller's own. @throws {RangeError} that says what is wrong with one of ours. */
function readCall(call: JsonObject): UsageQuery {
  const usage = read(call, 'usage', 'an object', asObject);
  const format = read(call, 'usage_format', 'a text', asString);
  const buckets = read(call, 'usage_details', 'an object', asObject) ?? (format === 'disjoint' ? usage : undefined);
  return defined({
    provider: read(call, 'provider', 'a text', asString),
    model: read(call, 'model', 'a text', asString),
    body: read(call, 'body', 'an object', asObject),
    usage,
    usageDetails: buckets && withoutTotal(buckets),
    usageFormat: format,
    request: read(call, 'request', 'an object', asObject),
    serviceTier: read(call, 'service_tier', 'a text', asString),
    when: read(call, 'when', 'a time such as 2026-01-31T12:00:00Z', asTime),
  });
}

/** Langfuse's usage details have the sum among them; what they are is checked where they are counted. */
function withoutTotal({ total: _sum, ...buckets }: JsonObject): UsageBuckets {
  return buckets as UsageBuckets;
}

/** A field that is `null` is one that is not there. */
function read<T>(
  call: JsonObject,
  key: string,
  expected: string,
  parse: (value: Json) => T | undefined,
): T | undefined {
  const value = call[key] ?? null;
  if (value === null) return undefined;
  const parsed = parse(value);
  if (parsed === undefined) throw new RangeError(`"${key}" is not ${expected}`);
  return parsed;
}

/** A text in ISO 8601, or milliseconds since 1970. */
function asTime(value: Json): Date | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
