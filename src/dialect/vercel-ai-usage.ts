import type { JsonObject } from '../model/json.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { RawUsage, ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes } from '../model/span.ts';
import { bedrockConverseUsage } from '../provider-usage/bedrock-converse.ts';
import { readUsage } from '../provider-usage/formats.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asCount, asObject, asString, defined } from '../util/json-read.ts';
import { asCost } from './shared/cost.ts';
import { withInclusion } from './shared/inclusion.ts';
import { namesIn, readBelow, readJson, readRows } from './shared/rows.ts';

type CountField = 'input' | 'output' | 'total' | 'cacheRead' | 'cacheWrite' | 'reasoning';

/** Names of ai 6, then those of ai 5, then those of ai 4, which ai 5 and 6 still use where an object is asked for. */
const COUNT_FIELDS: readonly RowOf<Pick<ReportedUsage, CountField>>[] = [
  {
    field: 'input',
    attribute: 'ai.usage.inputTokens',
    former: ['ai.usage.promptTokens', 'ai.usage.tokens'],
    parse: asCount,
  },
  { field: 'output', attribute: 'ai.usage.outputTokens', former: ['ai.usage.completionTokens'], parse: asCount },
  { field: 'total', attribute: 'ai.usage.totalTokens', parse: asCount },
  {
    field: 'cacheRead',
    attribute: 'ai.usage.inputTokenDetails.cacheReadTokens',
    former: ['ai.usage.cachedInputTokens'],
    parse: asCount,
  },
  { field: 'cacheWrite', attribute: 'ai.usage.inputTokenDetails.cacheWriteTokens', parse: asCount },
  {
    field: 'reasoning',
    attribute: 'ai.usage.outputTokenDetails.reasoningTokens',
    former: ['ai.usage.reasoningTokens'],
    parse: asCount,
  },
];

/** What the other counts already say. */
const REDUNDANT = ['ai.usage.inputTokenDetails.noCacheTokens', 'ai.usage.outputTokenDetails.textTokens'];
const KNOWN: ReadonlySet<string> = new Set([...namesIn(COUNT_FIELDS), ...REDUNDANT]);

/** Where a provider's metadata has the provider's own usage object, whole. */
const WHOLE: readonly (readonly [provider: string, key: string, format: string])[] = [
  ['anthropic', 'usage', 'anthropic.messages'],
  ['google', 'usageMetadata', 'google.generate_content'],
  ['vertex', 'usageMetadata', 'google.generate_content'],
  ['googleVertex', 'usageMetadata', 'google.generate_content'],
];

type Details = Partial<ReportedUsage>;

/** What a provider's metadata says beside or instead of that, under names of the SDK. */
const DETAILS: readonly (readonly [provider: string, read: (metadata: JsonObject) => Details])[] = [
  ['openai', readOpenAi],
  ['azure', readOpenAi],
  ['anthropic', readAnthropic],
  ['bedrock', readBedrock],
  ['openrouter', ({ usage }) => defined({ billedUsd: asCost(asObject(usage)?.cost) })],
  ['gateway', ({ cost }) => defined({ billedUsd: asCost(Number(cost)) })],
];

/** Whose input tokens leave out the cache, and did so in the SDK before ai 6 gave all providers one meaning. */
const EXCLUSIVE = ['anthropic', 'bedrock'] as const;
const UNIFIED_SINCE = 6;
const VERSION = /(?:^|\s)ai\/(\d+)\./;

/**
 * Usage of one call, or of a whole run of them: there the provider's metadata is that of the last step only, and the
 * counts of the SDK hold.
 */
export function readUsageOf(attributes: SpanAttributes, isRun: boolean): Pick<LlmCall, 'usage' | 'rawUsage'> {
  const metadata = asObject(readJson(attributes, 'ai.response.providerMetadata')) ?? {};
  const details = isRun ? {} : readDetails(metadata);
  const rawUsage = isRun ? undefined : readWhole(metadata);
  const whole = rawUsage && readUsage(rawUsage);
  if (rawUsage && whole) {
    const { serviceTier, billedUsd } = details;
    return { usage: { ...whole, ...defined({ serviceTier: whole.serviceTier ?? serviceTier, billedUsd }) }, rawUsage };
  }
  const counts = readRows(attributes, COUNT_FIELDS);
  if (Object.keys(counts).length === 0) return {};
  return { usage: withRule({ ...details, ...counts }, isExclusive(attributes, metadata)) };
}

/** Usage attributes newer than this package, which must not get into a sum. */
export function unknownSdkUsage(attributes: SpanAttributes): Record<string, unknown> {
  return readBelow(attributes, 'ai.', (name) => name.startsWith('ai.usage.') && !KNOWN.has(name));
}

function withRule(counts: Details, exclusive: boolean): ReportedUsage {
  if (!exclusive) return withInclusion(counts);
  // The SDK's own total then leaves out the cache too, or not, by provider.
  const { total: _total, ...rest } = counts;
  return {
    ...rest,
    inputIncludes: { cacheRead: false, cacheWrite: false },
    outputIncludes: { reasoning: true },
  };
}

function isExclusive(attributes: SpanAttributes, metadata: JsonObject): boolean {
  const version = VERSION.exec(asString(attributes['ai.request.headers.user-agent']) ?? '')?.[1];
  const isUnified =
    Number(version ?? 0) >= UNIFIED_SINCE || attributes['ai.usage.inputTokenDetails.noCacheTokens'] !== undefined;
  return !isUnified && EXCLUSIVE.some((provider) => metadata[provider] !== undefined);
}

function readWhole(metadata: JsonObject): RawUsage | undefined {
  for (const [provider, key, format] of WHOLE) {
    const body = asObject(asObject(metadata[provider])?.[key]);
    if (body) return { format, body };
  }
  return undefined;
}

function readDetails(metadata: JsonObject): Details {
  const all = DETAILS.map(([provider, read]) => read(asObject(metadata[provider]) ?? {}));
  return Object.assign({}, ...all) as Details;
}

function readOpenAi(metadata: JsonObject): Details {
  return defined({
    cacheRead: asCount(metadata.cachedPromptTokens),
    reasoning: asCount(metadata.reasoningTokens),
    acceptedPrediction: asCount(metadata.acceptedPredictionTokens),
    rejectedPrediction: asCount(metadata.rejectedPredictionTokens),
    serviceTier: asString(metadata.serviceTier),
  });
}

function readAnthropic(metadata: JsonObject): Details {
  return defined({
    cacheRead: asCount(metadata.cacheReadInputTokens),
    cacheWrite: asCount(metadata.cacheCreationInputTokens),
  });
}

/** The counts that Converse has beside input and output. */
function readBedrock({ usage, serviceTier }: JsonObject): Details {
  const { cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h } = bedrockConverseUsage.read(asObject(usage) ?? {});
  const tier = asString(asObject(serviceTier)?.type) ?? asString(serviceTier);
  return defined({ cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h, serviceTier: tier });
}
