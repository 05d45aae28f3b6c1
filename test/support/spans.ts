/** A record as the pipeline hands it to delivery: the JSON text of one OTLP `ResourceSpans` with one span. */
export function spanRecord(spanId: string, content = 'What is the capital of France?'): string {
  return JSON.stringify({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
    scopeSpans: [
      {
        scope: { name: 'otel-langfuse' },
        spans: [
          {
            traceId: '5b8efff798038103d269b633813fc60c',
            spanId,
            name: 'chat gpt-4o-mini',
            kind: 3,
            startTimeUnixNano: '1760000000000000000',
            endTimeUnixNano: '1760000001200000000',
            attributes: [
              { key: 'gen_ai.input.messages', value: { stringValue: content } },
              { key: 'gen_ai.usage.input_tokens', value: { intValue: '14' } },
            ],
            status: {},
          },
        ],
      },
    ],
  });
}

/** Span ids `0000000000000001`, ... */
export function spanIds(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, index) => (from + index).toString(16).padStart(16, '0'));
}
