import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

/** Certificate chain and private key, in PEM. */
export interface ServerTls {
  certificate: string;
  key: string;
}

/** How long and how often a server lets itself be kept waiting. */
export interface ConnectionLimits {
  connections: number;
  /** Until the handshake and then the headers of a request must be complete; an idle connection is closed after it, too. */
  headersTimeoutMs: number;
  /** Until the whole request must be there. */
  requestTimeoutMs: number;
}

/** How soon after its time a connection is closed, at the latest. */
const MAX_CHECK_MS = 5_000;

/**
 * @param takesOffer of another protocol; the others are requests like any. Node 20 does not ask: its `upgrade` event has
 * them all.
 */
export function createServer(
  limits: ConnectionLimits,
  tls: ServerTls | undefined,
  listener: RequestListener,
  takesOffer: (request: IncomingMessage) => boolean = () => false,
): Server {
  const { headersTimeoutMs, requestTimeoutMs, connections } = limits;
  const options = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: headersTimeoutMs,
    connectionsCheckingInterval: Math.min(headersTimeoutMs, MAX_CHECK_MS),
    shouldUpgradeCallback: takesOffer,
  };
  const server = tls
    ? https.createServer(
        { ...options, handshakeTimeout: headersTimeoutMs, cert: tls.certificate, key: tls.key },
        listener,
      )
    : http.createServer(options, listener);
  server.maxConnections = connections;
  return server;
}

/**
 * Resolves with its address, without a slash at the end.
 * @throws what the system throws if it cannot listen there.
 */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const scheme = server instanceof https.Server ? 'https' : 'http';
      resolve(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`);
    });
  });
}

/** Requests that have begun are answered, if they come to their end in time. */
export function stopListening(server: Server, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
