import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What a client sent that wants to speak another protocol, and where. */
export interface UpgradeOffer {
  request: IncomingMessage;
  socket: Socket;
  /** What came after the request. */
  head: Buffer;
}

/** Asks an upstream for what {@link isWebSocket} has seen. */
export const WEBSOCKET: OutgoingHttpHeaders = { Connection: 'Upgrade', Upgrade: 'websocket' };

/** A handshake has no body (RFC 6455 section 4.1): an upstream that takes no offer would wait for it over our connection. */
export function isWebSocket({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return method === 'GET' && !hasBody && headers.upgrade?.toLowerCase() === 'websocket';
}

/** A response on the socket of an offer, for whoever does not take it. */
export function responseTo({ request, socket }: UpgradeOffer): ServerResponse {
  // Node has let go of the socket: what goes wrong with it shows as its close, and only to who reads.
  socket.on('error', () => {}).read(0);
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.destroySoon());
  return response;
}

/** Joins the sockets when the upstream has agreed: from then on bytes go both ways as they are. */
export function joinOnUpgrade(outgoing: ClientRequest, { socket, head }: UpgradeOffer, response: ServerResponse): void {
  outgoing.on('upgrade', (answer, stream, answerHead) => {
    // It is the one that was asked over.
    const upstream = stream as Socket;
    response.detachSocket(socket);
    socket.write(headOf(answer));
    if (answerHead.length > 0) socket.write(answerHead);
    if (head.length > 0) upstream.write(head);
    for (const [end, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      end.setNoDelay(true);
      end.pipe(other);
      // The close that follows says it to the other side.
      end.on('error', () => {});
      end.on('close', () => other.destroySoon());
    }
  });
}

/** Headers of a WebSocket are about this connection: all of them are for the client. */
function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): Buffer {
  return startOf(`HTTP/1.1 ${statusCode} ${statusMessage}`, rawHeaders);
}

/**
 * A server may leave an offer aside (RFC 9110 section 7.8) and answer as if there were none: Java's client offers HTTP/2
 * with every plain request. Node 20 takes each offer for accepted, so the request is put back without it.
 */
export function leaveAside(server: Server, { request, socket, head: rest }: UpgradeOffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const kept = rawHeaders.filter((_, index) => !OFFER.has(rawHeaders[index - (index % 2)]?.toLowerCase() ?? ''));
  socket.unshift(Buffer.concat([startOf(`${method} ${url} HTTP/${httpVersion}`, kept), rest]));
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket);
}

const OFFER: ReadonlySet<string> = new Set(['connection', 'upgrade', 'http2-settings']);

/** The first line and the headers of a message, in the encoding in which Node reads them. */
function startOf(firstLine: string, rawHeaders: readonly string[]): Buffer {
  const lines = [firstLine];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
