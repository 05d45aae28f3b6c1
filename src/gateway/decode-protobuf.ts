import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import {
  type Decoded,
  type FieldType,
  MalformedBodyError,
  MAX_DEPTH,
  MAX_MESSAGES,
  type Message,
  setAttribute,
  toHrTime,
  toInteger,
} from './otlp-schema.ts';

/**
 * Reads a message of {@link Message} from protobuf's binary format. Text that is no UTF-8 keeps its readable part.
 * @throws {MalformedBodyError} if the bytes are no such message, or one that is too deep or has too many parts.
 */
export function decodeProtobuf<M extends Message>(body: Buffer, message: M): Decoded<M> {
  try {
    const reader = new BinaryReader(body, (bytes) => (bytes as Buffer).toString());
    const decoder = new Decoder(reader);
    return decoder.message(message, body.length, 0) as Decoded<M>;
  } catch (error) {
    if (error instanceof MalformedBodyError) throw error;
    const words = error instanceof Error ? error.message : String(error);
    throw new MalformedBodyError(`the body is no OTLP protobuf: ${words}`);
  }
}

type ReadField = (decoder: Decoder, depth: number) => unknown;

/** How a field is read, resolved once a message type. */
interface Field {
  name: string;
  wireType: WireType;
  repeated: 'list' | 'attributes' | undefined;
  read: ReadField;
}

const { Varint, Bit64, Bit32, LengthDelimited } = WireType;

const PLAIN: Readonly<Record<FieldType & string, readonly [WireType, ReadField]>> = {
  text: [LengthDelimited, ({ reader }) => reader.string()],
  id: [LengthDelimited, ({ reader }) => (reader.bytes() as Buffer).toString('hex')],
  time: [Bit64, ({ reader }) => toHrTime(BigInt(reader.fixed64()))],
  integer: [Varint, ({ reader }) => reader.int32()],
  bits: [Bit32, ({ reader }) => reader.fixed32()],
  attributes: [LengthDelimited, (decoder, depth) => decoder.keyValue(decoder.end(), depth)],
  value: [LengthDelimited, (decoder, depth) => decoder.anyValue(decoder.end(), depth)],
};

const fieldsOf = new WeakMap<Message, ReadonlyMap<number, Field>>();

function resolve(message: Message): ReadonlyMap<number, Field> {
  const fields = new Map<number, Field>();
  for (const [name, [number, type]] of Object.entries(message)) fields.set(number, resolveField(name, type));
  fieldsOf.set(message, fields);
  return fields;
}

function resolveField(name: string, type: FieldType): Field {
  if (typeof type === 'string') {
    const [wireType, read] = PLAIN[type];
    return { name, wireType, read, repeated: type === 'attributes' ? 'attributes' : undefined };
  }
  const isList = Array.isArray(type);
  const message = (isList ? type[0] : type) as Message;
  const read: ReadField = (decoder, depth) => decoder.message(message, decoder.end(), depth);
  return { name, wireType: LengthDelimited, read, repeated: isList ? 'list' : undefined };
}

/** Fields of `AnyValue`, `ArrayValue`, `KeyValueList` and `KeyValue`, which both decoders flatten into plain values. */
const ANY_VALUE: Readonly<Record<number, readonly [WireType, ReadField]>> = {
  1: PLAIN.text,
  2: [Varint, ({ reader }) => reader.bool()],
  3: [Varint, ({ reader }) => toInteger(BigInt(reader.int64()))],
  4: [Bit64, ({ reader }) => reader.double()],
  5: [LengthDelimited, (decoder, depth) => decoder.arrayValue(decoder.end(), depth)],
  6: [LengthDelimited, (decoder, depth) => decoder.keyValueList(decoder.end(), depth)],
  // A copy: a view would keep the whole body as long as the span is kept.
  7: [LengthDelimited, ({ reader }) => Buffer.from(Uint8Array.from(reader.bytes()).buffer)],
};

class Decoder {
  readonly reader: BinaryReader;
  #messages = 0;

  constructor(reader: BinaryReader) {
    this.reader = reader;
  }

  /** Where the message ends that begins here. */
  end(): number {
    const length = this.reader.uint32();
    return this.reader.pos + length;
  }

  message(type: Message, end: number, depth: number): Record<string, unknown> {
    const fields = fieldsOf.get(type) ?? resolve(type);
    const decoded: Record<string, unknown> = {};
    this.#fields(end, depth, (number, wireType) => {
      const field = fields.get(number);
      if (field?.wireType !== wireType) return false;
      const value = field.read(this, depth + 1);
      if (field.repeated === undefined) decoded[field.name] = value;
      else if (field.repeated === 'list') ((decoded[field.name] ??= []) as unknown[]).push(value);
      else addKeyValue((decoded[field.name] ??= {}) as Record<string, unknown>, value);
      return true;
    });
    return decoded;
  }

  keyValue(end: number, depth: number): readonly [key: string, value: unknown] {
    let key = '';
    let value: unknown;
    this.#fields(end, depth, (number, wireType) => {
      if (wireType !== LengthDelimited || number > 2) return false;
      if (number === 1) key = this.reader.string();
      else value = this.anyValue(this.end(), depth + 1);
      return true;
    });
    return [key, value];
  }

  anyValue(end: number, depth: number): unknown {
    let value: unknown;
    this.#fields(end, depth, (number, wireType) => {
      const variant = ANY_VALUE[number];
      if (variant?.[0] !== wireType) return false;
      value = variant[1](this, depth + 1);
      return true;
    });
    return value;
  }

  arrayValue(end: number, depth: number): unknown[] {
    const values: unknown[] = [];
    this.#fields(end, depth, (number, wireType) => {
      if (number !== 1 || wireType !== LengthDelimited) return false;
      values.push(this.anyValue(this.end(), depth + 1));
      return true;
    });
    return values;
  }

  keyValueList(end: number, depth: number): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    this.#fields(end, depth, (number, wireType) => {
      if (number !== 1 || wireType !== LengthDelimited) return false;
      addKeyValue(values, this.keyValue(this.end(), depth + 1));
      return true;
    });
    return values;
  }

  /** Gives each field up to `end` to `take`, and skips what it does not take. */
  #fields(end: number, depth: number, take: (number: number, wireType: WireType) => boolean): void {
    const { reader } = this;
    if (end > reader.len) throw new MalformedBodyError('the body is no OTLP protobuf: a message is cut off');
    if (depth > MAX_DEPTH) throw new MalformedBodyError(`messages are nested deeper than ${MAX_DEPTH}`);
    if (++this.#messages > MAX_MESSAGES) throw new MalformedBodyError(`more than ${MAX_MESSAGES} messages`);
    while (reader.pos < end) {
      const [number, wireType] = reader.tag();
      if (!take(number, wireType)) reader.skip(wireType, number);
    }
    if (reader.pos !== end)
      throw new MalformedBodyError('the body is no OTLP protobuf: a field is longer than its message');
  }
}

function addKeyValue(attributes: Record<string, unknown>, pair: unknown): void {
  const [key, value] = pair as readonly [string, unknown];
  setAttribute(attributes, key, value);
}
