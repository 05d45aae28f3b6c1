import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import type { SpanView } from '../../src/model/span.ts';
import { spanStatus, toAttributes } from '../../src/semconv/write.ts';
import { anyCall } from '../support/any-call.ts';
import { fixtureCalls, recordedCalls } from '../support/read-calls.ts';
import { hasRecordings } from '../support/recordings.ts';
import { spanOf } from '../support/span-view.ts';

/** What an exporter reads from the span of a call. */
function readBack(call: LlmCall): DialectReading | undefined {
  const attributes = toAttributes(call, { captureContent: true, maxContentLength: Infinity });
  const status = spanStatus(call) as SpanView['status'];
  return dialectOf(attributes)?.read(spanOf({ attributes, status }));
}

describe('a call is read back from its span as it was', () => {
  test('whatever is in it', () => {
    fc.assert(
      fc.property(anyCall, (call) => {
        const reading = readBack(call);
        expect(reading?.call).toEqual(call);
        expect(reading?.metadata).toEqual({});
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(fixtureCalls())('$id', ({ call }) => {
    expect(readBack(call)?.call).toEqual(call);
  });

  test.skipIf(!hasRecordings)('if recorded (skipped where ../shared/recordings is absent)', () => {
    const calls = recordedCalls();
    expect(calls.length).toBeGreaterThan(0);
    for (const { id, call } of calls) expect(readBack(call)?.call, id).toEqual(call);
  });
});
