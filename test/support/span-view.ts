import type { SpanView } from '../../src/model/span.ts';

/** An ended span, with what a test is about. */
export function spanOf(given: Partial<SpanView>): SpanView {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentIsRemote: false,
    name: 'span',
    kind: 2,
    startTime: [1_750_000_000, 0],
    endTime: [1_750_000_001, 0],
    status: { code: 0 },
    attributes: {},
    events: [],
    links: [],
    scope: { name: 'test' },
    resource: {},
    ...given,
  };
}
