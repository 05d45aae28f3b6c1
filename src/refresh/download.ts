import type http from 'node:http';
import { connectionTo, networkTo } from '../network/connection.ts';
import { untraced } from '../util/untraced.ts';
import { VERSION } from '../util/version.ts';

/** Four times the largest table of prices there is. */
export const MAX_BYTES = 5_000_000;
/** For the whole answer: a server that trickles costs no more than one that hangs. */
const TIMEOUT_MS = 30_000;

export interface Download {
  text: string;
  /** What the server calls this version of it. */
  etag?: string;
}

export interface DownloadOptions {
  /** Of the version that is there already. */
  etag?: string;
  signal: AbortSignal;
  timeoutMs?: number;
}

/**
 * Gets a text, at most {@link MAX_BYTES} of it. Redirects are not followed: who wrote the address trusts that host and
 * no other. Sockets never keep the process alive.
 * @throws {Error} with what went wrong, in words that hold no part of the address.
 */
export async function download(url: URL, options: DownloadOptions): Promise<Download | 'unchanged'> {
  const { etag, signal, timeoutMs = TIMEOUT_MS } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await get(url, etag, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (timeout.aborted) throw new Error(`no whole answer in ${timeoutMs / 1000} s`, { cause: error });
    // The system's messages hold addresses, its codes do not.
    throw error instanceof Error && 'code' in error ? new Error(String(error.code), { cause: error }) : error;
  }
}

async function get(url: URL, etag: string | undefined, signal: AbortSignal): Promise<Download | 'unchanged'> {
  const response = await respond(url, etag, signal);
  const { statusCode: status = 0, headers } = response;
  if (status === 304 && etag !== undefined) {
    response.resume();
    return 'unchanged';
  }
  if (status !== 200) {
    response.destroy();
    throw new Error(
      `the answer is ${status}${headers.location === undefined ? '' : ', and redirects are not followed'}`,
    );
  }
  const text = await readText(response);
  return { text, ...(headers.etag !== undefined && { etag: headers.etag }) };
}

function respond(url: URL, etag: string | undefined, signal: AbortSignal): Promise<http.IncomingMessage> {
  // Not kept alive: it is not needed again for a day.
  const { client, optionsFor } = connectionTo(url, networkTo(url), { keepAlive: false });
  const options = optionsFor(url.pathname + url.search);
  const headers = {
    ...options.headers,
    accept: 'application/json',
    'user-agent': `otel-langfuse/${VERSION}`,
    ...(etag !== undefined && { 'if-none-match': etag }),
  };
  return untraced(
    client,
    () =>
      new Promise((resolve, reject) => {
        const request = client.get({ ...options, headers, signal }, resolve);
        request.on('socket', (socket) => socket.unref());
        request.on('error', reject);
      }),
  );
}

/** Leaving the loop destroys the response, and with it the connection. */
async function readText(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
