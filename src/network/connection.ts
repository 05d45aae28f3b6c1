import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { type Network, readNetwork } from '../config/network.ts';
import { notify } from '../util/diagnostics.ts';
import { defined } from '../util/json-read.ts';

/** How requests to one address are made. */
export interface Connection {
  client: typeof http | typeof https;
  /** For a request of this path, which may have a query. */
  optionsFor(path: string): https.RequestOptions;
}

/** A proxy that does not open a way in this time never will. */
const TUNNEL_TIMEOUT_MS = 30_000;

/** The proxy would not let us through. */
class ProxyError extends Error {
  readonly code: string;

  constructor(status: number | undefined) {
    super('the proxy refuses');
    this.code = `the proxy answers HTTP ${status}`;
  }
}

/** How the environment says to reach `url`. What makes no sense of it is told, and the way is direct. */
export function networkTo(url: URL): Network {
  const { network, problems } = readNetwork(url);
  for (const { variable, message } of problems) notify('warn', `config:${variable}`, message);
  return network;
}

/** The way to the host of `url`: kept-alive, with the process' own certificates, and through its proxy if it has one. */
export function connectionTo(url: URL, { proxy, files }: Network, settings: https.AgentOptions = {}): Connection {
  const agentOptions = { keepAlive: true, ...settings, ...(url.protocol === 'https:' && tlsOptions(files)) };
  if (proxy && url.protocol === 'http:') return askingProxy(url, proxy, agentOptions);
  const client = url.protocol === 'http:' ? http : https;
  const agent = proxy ? tunnelAgent(proxy, agentOptions) : new client.Agent(agentOptions);
  const common = { ...addressOf(url), agent };
  return { client, optionsFor: (path) => ({ ...common, path }) };
}

/** Without TLS the proxy itself is asked. @see https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form */
function askingProxy(url: URL, proxy: URL, agentOptions: http.AgentOptions): Connection {
  const client = proxy.protocol === 'http:' ? http : https;
  const agent = new client.Agent(agentOptions);
  const common = { ...addressOf(proxy), agent, headers: { host: url.host, ...proxyAuthorization(proxy) } };
  return { client, optionsFor: (path) => ({ ...common, path: url.origin + path }) };
}

function addressOf({ hostname, port, protocol }: URL): { host: string; port: string; protocol: string } {
  const defaultPort = protocol === 'https:' ? '443' : '80';
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port || defaultPort, protocol };
}

function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (!username && !password) return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/** An agent whose connections lead through the proxy, which sees nothing of what passes. */
function tunnelAgent(proxy: URL, options: https.AgentOptions): https.Agent {
  const createConnection = (
    target: tls.ConnectionOptions,
    done: (error: Error | null, socket?: Duplex) => void,
  ): undefined => {
    openTunnel(proxy, `${target.host}:${target.port}`).then(
      (socket) => done(null, tls.connect({ ...target, socket })),
      (error: Error) => done(error),
    );
  };
  return Object.assign(new https.Agent(options), { createConnection });
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#CONNECT */
function openTunnel(proxy: URL, authority: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const client = proxy.protocol === 'http:' ? http : https;
    const request = client.request({
      ...addressOf(proxy),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      agent: false,
      timeout: TUNNEL_TIMEOUT_MS,
    });
    const refuse = ({ statusCode }: http.IncomingMessage): void => {
      request.destroy();
      reject(new ProxyError(statusCode));
    };
    request.on('socket', (socket) => socket.unref());
    request.on('connect', (response, socket) => {
      if (response.statusCode !== 200) return refuse(response);
      socket.setTimeout(0);
      resolve(socket);
    });
    request.on('response', refuse);
    request.on('timeout', () => request.destroy(new ProxyError(undefined)));
    request.on('error', reject);
    request.end();
  });
}

/** Whoever names authorities trusts them besides the usual ones: they may be for another server than this one. */
function tlsOptions({
  authorities,
  extraAuthorities,
  clientCertificate,
  clientKey,
}: Network['files']): tls.SecureContextOptions {
  const named = read(authorities);
  return defined({
    ca: named === undefined ? undefined : [...usualAuthorities(extraAuthorities), named],
    cert: read(clientCertificate),
    key: read(clientKey),
  });
}

/** To name any authority is to name all of them. Older Nodes do not say which they trust. */
function usualAuthorities(extra: string | undefined): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  return (
    getCACertificates?.('default') ?? [...tls.rootCertificates, ...[read(extra)].filter((text) => text !== undefined)]
  );
}

function read(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    notify('warn', `certificate:${file}`, `cannot read ${file} (${code}): going on without it`);
    return undefined;
  }
}
