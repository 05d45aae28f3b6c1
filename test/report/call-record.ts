import { toOtlpJson } from '../../src/delivery/otlp-json.ts';
import { spanOf } from '../support/span-view.ts';

/** A model call as the exporter hands it to delivery. */
export interface RecordedCall {
  /** One of its own for each record where nothing is said. */
  spanId?: string;
  type?: string;
  model?: string;
  usage?: Record<string, number>;
  /** Exact, in USD. */
  cost?: string;
  user?: string;
  session?: string;
  feature?: string;
  prompt?: string;
  failed?: boolean;
  at?: string;
  attributes?: Record<string, unknown>;
}

let records = 0;

const NOON = '2026-03-14T12:00:00Z';

export function callRecord(call: RecordedCall = {}): string {
  const start = Date.parse(call.at ?? NOON) / 1000;
  const { model, usage, cost } = call;
  const attributes = {
    'langfuse.observation.type': call.type ?? 'generation',
    'langfuse.observation.model.name': model,
    'langfuse.observation.usage_details': usage && JSON.stringify(usage),
    'langfuse.observation.cost_details': cost && JSON.stringify({ total: Number(cost) }),
    'langfuse.observation.metadata.cost_usd': cost,
    'langfuse.observation.level': call.failed ? 'ERROR' : undefined,
    'user.id': call.user,
    'session.id': call.session,
    'langfuse.trace.tags': call.feature === undefined ? undefined : ['nightly', `feature:${call.feature}`],
    'langfuse.trace.metadata.feature': call.feature,
    'langfuse.observation.prompt.name': call.prompt,
    ...call.attributes,
  };
  const spanId = call.spanId ?? (++records).toString(16).padStart(16, '0');
  return toOtlpJson(spanOf({ spanId, startTime: [start, 250_000_000], endTime: [start + 2, 0] }), attributes);
}
