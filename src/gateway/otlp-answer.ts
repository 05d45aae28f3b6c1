import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { OtlpEncoding } from './decode.ts';
import type { Reply } from './http-reply.ts';

/** Everything was taken but what is rejected. */
export interface Taken {
  /** The name of the count in the answer's `partialSuccess`. */
  countedAs: 'rejectedSpans' | 'rejectedLogRecords';
  rejected: number;
  message: string;
}

/** @see https://opentelemetry.io/docs/specs/otlp/#partial-success */
export function successAnswer(encoding: OtlpEncoding, { countedAs, rejected, message }: Taken): Reply {
  const nothingToSay = rejected === 0 && message === '';
  const partialSuccess = { [countedAs]: String(rejected), errorMessage: message };
  const json = (): string => JSON.stringify(nothingToSay ? {} : { partialSuccess });
  const protobuf = (): Uint8Array =>
    nothingToSay
      ? new Uint8Array()
      : nested(1, (writer) => {
          writer.tag(1, WireType.Varint).int64(rejected);
          writer.tag(2, WireType.LengthDelimited).string(message);
        });
  return answer(encoding, 200, json, protobuf);
}

/** A `google.rpc.Status`, which OTLP has for failures. */
export function failureAnswer(encoding: OtlpEncoding, status: number, message: string): Reply {
  return answer(
    encoding,
    status,
    () => JSON.stringify({ message }),
    () => new BinaryWriter().tag(2, WireType.LengthDelimited).string(message).finish(),
  );
}

function answer(encoding: OtlpEncoding, status: number, json: () => string, protobuf: () => Uint8Array): Reply {
  return encoding === 'json'
    ? { status, headers: { 'content-type': 'application/json' }, body: json() }
    : { status, headers: { 'content-type': 'application/x-protobuf' }, body: protobuf() };
}

function nested(field: number, write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter().tag(field, WireType.LengthDelimited).fork();
  write(writer);
  return writer.join().finish();
}
