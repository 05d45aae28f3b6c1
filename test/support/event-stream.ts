import { crc32 } from 'node:zlib';

const STRING = 7;

/** One message of `application/vnd.amazon.eventstream` with headers that are strings. */
export function eventStreamMessage(headers: Readonly<Record<string, string>>, payload: string | Uint8Array): Buffer {
  return rawEventStreamMessage(
    Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value))),
    payload,
  );
}

/** One message with headers that are encoded already. */
export function rawEventStreamMessage(encodedHeaders: Buffer, payload: string | Uint8Array): Buffer {
  const body = Buffer.from(payload);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(prelude.length + encodedHeaders.length + body.length + 4, 0);
  prelude.writeUInt32BE(encodedHeaders.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, encodedHeaders, body]);
  return Buffer.concat([message, checksum(message)]);
}

/** An event as Bedrock frames it. */
export function eventMessage(event: string, payload: unknown): Buffer {
  return eventStreamMessage(
    { ':event-type': event, ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify(payload),
  );
}

/** An exception in the middle of a stream. */
export function exceptionMessage(exception: string, message: string): Buffer {
  return eventStreamMessage(
    { ':exception-type': exception, ':content-type': 'application/json', ':message-type': 'exception' },
    JSON.stringify({ message }),
  );
}

/** An event of a model's own, as InvokeModelWithResponseStream wraps it. */
export function chunkMessage(event: unknown): Buffer {
  return eventMessage('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdefgh' });
}

function header(name: string, value: string): Buffer {
  const text = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([STRING]), length, text]);
}

function checksum(bytes: Buffer): Buffer {
  const result = Buffer.alloc(4);
  result.writeUInt32BE(crc32(bytes));
  return result;
}
