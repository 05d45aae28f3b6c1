/** What a record (OTLP JSON of one span) says, in plain values. */
export interface RecordedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code?: number; message?: string };
  attributes: Record<string, unknown>;
}

interface OtlpValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values?: OtlpValue[] };
}

/** The span of a record. */
export function spanOf(record: string): RecordedSpan {
  const { scopeSpans } = JSON.parse(record) as {
    scopeSpans: { spans: (Omit<RecordedSpan, 'attributes'> & { attributes: { key: string; value: OtlpValue }[] })[] }[];
  };
  const span = scopeSpans[0]?.spans[0];
  if (!span) throw new Error('record without a span');
  return { ...span, attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, plain(value)])) };
}

function plain(value: OtlpValue): unknown {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}
