import { expect, test } from 'vitest';
import { HandshakeReader } from '../../src/wire/websocket-handshake.ts';

const HEAD =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate; a=b\r\n\r\n';

test('an answer is read from any chunks, and what follows it is kept', () => {
  const bytes = Buffer.from(`${HEAD}frames`, 'latin1');
  for (let cut = 0; cut < HEAD.length; cut++) {
    const reader = new HandshakeReader();
    expect(reader.push(bytes.subarray(0, cut))).toBeUndefined();
    const handshake = reader.push(bytes.subarray(cut));
    expect(handshake?.status).toBe(101);
    expect(handshake?.headers.get('sec-websocket-extensions')).toBe('permessage-deflate; a=b');
    expect(Buffer.from(handshake?.rest ?? []).toString('latin1')).toBe('frames');
  }
});

test('an answer without an end is not kept for ever', () => {
  const reader = new HandshakeReader();
  for (let index = 0; index < 10; index++) expect(reader.push(Buffer.alloc(10_000, 'x'))).toBeUndefined();
  expect(reader.push(Buffer.from(HEAD))).toBeUndefined();
});
