import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage, UsagePart } from '../model/reported-usage.ts';
import { asCount, asObject, asObjects, asString, defined } from '../util/json-read.ts';
import type { UsageFormat } from './usage-format.ts';

/**
 * The Messages API. Its `input_tokens` are the fresh ones only: cache reads and writes stand beside them.
 * @see https://docs.anthropic.com/en/api/messages
 */
export const anthropicMessagesUsage: UsageFormat = {
  id: 'anthropic.messages',
  read(usage: JsonObject): ReportedUsage {
    const headline = readCounts(usage);
    const parts = readIterations(usage.iterations, headline.reasoning);
    return parts.length > 0 ? { ...headline, parts } : headline;
  },
};

function readCounts(usage: JsonObject): ReportedUsage {
  const byLifetime: JsonObject = asObject(usage.cache_creation) ?? {};
  return {
    inputIncludes: { cacheRead: false, cacheWrite: false },
    outputIncludes: { reasoning: true },
    ...defined({
      input: asCount(usage.input_tokens),
      output: asCount(usage.output_tokens),
      cacheRead: asCount(usage.cache_read_input_tokens),
      cacheWrite: asCount(usage.cache_creation_input_tokens),
      cacheWrite5m: asCount(byLifetime.ephemeral_5m_input_tokens),
      cacheWrite1h: asCount(byLifetime.ephemeral_1h_input_tokens),
      reasoning: asCount(asObject(usage.output_tokens_details)?.thinking_tokens),
      serverTools: readServerTools(usage.server_tool_use),
      serviceTier: asString(usage.service_tier),
      inferenceGeo: asString(usage.inference_geo),
      speed: asString(usage.speed),
    }),
  };
}

function readServerTools(value: unknown): Record<string, number> | undefined {
  const used: Record<string, number> = {};
  for (const [name, requests] of Object.entries(asObject(value) ?? {})) {
    const count = asCount(requests);
    if (count) used[name] = count;
  }
  return Object.keys(used).length > 0 ? used : undefined;
}

/**
 * Each iteration is an inference of its own. The headline leaves out compactions and other models' work (an advisor),
 * so the iterations are the bill.
 * @see https://docs.anthropic.com/en/docs/build-with-claude/compaction
 */
function readIterations(value: unknown, thinking = 0): UsagePart[] {
  let unassigned = thinking;
  const parts: UsagePart[] = [];
  for (const iteration of asObjects(value)) {
    const usage = readCounts(iteration);
    const label = asString(iteration.type);
    // Thinking is stated once for all `message` iterations together; any split of it among them costs the same.
    if (label === 'message' && usage.reasoning === undefined && unassigned > 0) {
      usage.reasoning = Math.min(unassigned, usage.output ?? 0);
      unassigned -= usage.reasoning;
    }
    parts.push({ ...defined({ label, model: asString(iteration.model) }), usage });
  }
  return parts;
}
