/** The server's answer to a request for a WebSocket. */
export interface Handshake {
  /** 101 if the connection is a WebSocket from now on. */
  status: number;
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>;
  /** What came after it: the first frames. */
  rest: Uint8Array;
}

/** Bytes in which the answer must end. */
const MAX_HEAD_BYTES = 64 * 1024;
const END = '\r\n\r\n';

/** Reads the head of an HTTP/1.1 response. Holds no more than {@link MAX_HEAD_BYTES}. */
export class HandshakeReader {
  #head: Buffer = Buffer.alloc(0);

  /** The handshake once its last line has arrived; `undefined` before, and for ever if it is none. */
  push(chunk: Uint8Array): Handshake | undefined {
    if (this.#head.length > MAX_HEAD_BYTES) return undefined;
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf(END);
    if (end === -1) return undefined;
    const [statusLine = '', ...lines] = this.#head.toString('latin1', 0, end).split('\r\n');
    return {
      status: Number(statusLine.split(' ', 2)[1]),
      headers: new Map(lines.map(readLine)),
      rest: this.#head.subarray(end + END.length),
    };
  }
}

function readLine(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}
