import type { Dialect } from '../../src/dialect/dialect.ts';
import { Pipeline, type PipelineSettings } from '../../src/exporter/pipeline.ts';
import type { SpanView } from '../../src/model/span.ts';

/** The record of a span that goes to Langfuse alone. */
export function recordOf(view: SpanView, dialect: Dialect | undefined, settings: PipelineSettings): string {
  const { traceId, spanId, scope, resource, links, ...rest } = view;
  const span = {
    ...rest,
    links: links.map(({ attributes, ...context }) => ({ context, attributes })),
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    instrumentationScope: scope,
    resource: { attributes: resource },
  };
  const records = new Pipeline(settings).toRecords([{ span, dialect, isTop: true }]);
  const [record = ''] = records;
  if (records.length !== 1) throw new Error(`${records.length} records of one span`);
  return record;
}
