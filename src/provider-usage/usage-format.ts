import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';

/**
 * One provider's usage object: which count is where and what it includes. One file a format, pure, never subtracts.
 * The same format is read from the wire and, verbatim, from a span attribute.
 */
export interface UsageFormat {
  /** e.g. `openai.chat`. */
  readonly id: string;
  /** Reads the provider's usage object. Counts of a wrong type read as absent. */
  read(usage: JsonObject): ReportedUsage;
}
