import type { UsageBucket, UsageDetails } from '../model/usage.ts';
import { defined } from '../util/json-read.ts';
import { isUsageBucket, USAGE_BUCKETS } from './rates.ts';

/** Tokens by bucket. A token is in one bucket only: `input` is what was neither read from nor written to a cache. */
export type UsageBuckets = { [K in UsageBucket]?: number };

/** @throws {RangeError} if a name is no bucket, or a count no whole number. */
export function toUsageDetails(buckets: UsageBuckets): UsageDetails {
  let total = 0;
  for (const [bucket, count = 0] of Object.entries(buckets)) {
    if (!isUsageBucket(bucket))
      throw new RangeError(`${bucket} is no bucket: write some of ${USAGE_BUCKETS.join(', ')}`);
    if (!Number.isSafeInteger(count) || count < 0)
      throw new RangeError(`${bucket} is ${count}: a count of tokens is a whole number`);
    total += count;
  }
  return { ...defined(buckets), total };
}
