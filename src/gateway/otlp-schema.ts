import type { HrTime, SpanAttributes } from '../model/span.ts';

/**
 * What is read of OTLP, as one table for both of its encodings: field name in JSON -> [field number in protobuf, type].
 * Fields that are not here are skipped.
 * @see https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
 */

/** What the plain types of fields are read as. */
interface Plain {
  text: string;
  /** Lower-case hexadecimal digits, however many bytes were sent. */
  id: string;
  /** Nanoseconds since the epoch; 0 stands for a time that is not known, and reads as absent. */
  time: HrTime;
  /** Protobuf: a varint of 32 bits. */
  integer: number;
  /** Protobuf: four bytes. */
  bits: number;
  /** A list of `KeyValue`; of equal keys the last holds. */
  attributes: SpanAttributes;
  /** An `AnyValue`: a text, number, `bigint` beyond what a number holds, boolean, list, object or bytes. */
  value: unknown;
}

/** A plain type, a message, or a list of messages. */
export type FieldType = keyof Plain | Message | readonly [Message];
export interface Message {
  readonly [field: string]: readonly [number: number, type: FieldType];
}

type DecodedField<Type> = Type extends keyof Plain
  ? Plain[Type]
  : Type extends readonly [infer Item]
    ? Decoded<Item>[]
    : Decoded<Type>;

/** A message as both decoders give it: no field is certain to be there. */
export type Decoded<M> = {
  [Field in keyof M]?: M[Field] extends readonly [number, infer Type] ? DecodedField<Type> : never;
};

/** `ExportTraceServiceRequest`. */
export const TRACES = {
  resourceSpans: [
    1,
    [
      {
        resource: [1, { attributes: [1, 'attributes'] }],
        scopeSpans: [
          2,
          [
            {
              scope: [1, { name: [1, 'text'], version: [2, 'text'] }],
              spans: [
                2,
                [
                  {
                    traceId: [1, 'id'],
                    spanId: [2, 'id'],
                    parentSpanId: [4, 'id'],
                    name: [5, 'text'],
                    kind: [6, 'integer'],
                    startTimeUnixNano: [7, 'time'],
                    endTimeUnixNano: [8, 'time'],
                    attributes: [9, 'attributes'],
                    events: [11, [{ timeUnixNano: [1, 'time'], name: [2, 'text'], attributes: [3, 'attributes'] }]],
                    links: [13, [{ traceId: [1, 'id'], spanId: [2, 'id'], attributes: [4, 'attributes'] }]],
                    status: [15, { message: [2, 'text'], code: [3, 'integer'] }],
                    flags: [16, 'bits'],
                  },
                ],
              ],
            },
          ],
        ],
      },
    ],
  ],
} as const;

/** `ExportLogsServiceRequest`. */
export const LOGS = {
  resourceLogs: [
    1,
    [
      {
        scopeLogs: [
          2,
          [
            {
              logRecords: [
                2,
                [
                  {
                    timeUnixNano: [1, 'time'],
                    body: [5, 'value'],
                    attributes: [6, 'attributes'],
                    traceId: [9, 'id'],
                    spanId: [10, 'id'],
                    observedTimeUnixNano: [11, 'time'],
                    eventName: [12, 'text'],
                  },
                ],
              ],
            },
          ],
        ],
      },
    ],
  ],
} as const;

type Items<List> = List extends readonly (infer Item)[] ? Item : never;

export type TracesRequest = Decoded<typeof TRACES>;
export type LogsRequest = Decoded<typeof LOGS>;
type ScopeSpans = Items<Items<TracesRequest['resourceSpans']>['scopeSpans']>;
export type SpanFields = Items<ScopeSpans['spans']>;
export type ScopeFields = NonNullable<ScopeSpans['scope']>;
export type LogFields = Items<Items<Items<LogsRequest['resourceLogs']>['scopeLogs']>['logRecords']>;

/** Messages, lists and objects inside each other; that of protobuf's own readers. */
export const MAX_DEPTH = 100;
/** Messages in one request, JSON objects and lists: each takes memory, whatever few bytes it is sent as. */
export const MAX_MESSAGES = 1_000_000;

/** A body that is not what its content type says: the whole request is refused, for none of it can be trusted. */
export class MalformedBodyError extends Error {
  override readonly name = 'MalformedBodyError';
}

/** Sets an attribute whose name a client chose: `__proto__` is a name as any other. */
export function setAttribute(attributes: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
  } else attributes[key] = value;
}

/** `undefined` for 0, which stands for a time that is not known. */
export function toHrTime(nanoseconds: bigint): HrTime | undefined {
  if (nanoseconds === 0n) return undefined;
  return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)];
}

/** An `int64`: a number where that is exact. */
export function toInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
