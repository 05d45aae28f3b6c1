import type http from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { connectionTo, networkTo } from '../network/connection.ts';
import { untraced } from '../util/untraced.ts';
import { VERSION } from '../util/version.ts';
import { classifyResponse, type HttpAnswer } from './classify-response.ts';
import type { SendOutcome, Sender } from './sender.ts';
import type { Destination } from './spool-layout.ts';

/** A hung server costs no more. */
const ANSWER_TIMEOUT_MS = 30_000;
/** A slow line takes so many bytes a millisecond: what is larger gets its time on top. */
const SLOW_LINE = 50;
/** What is read of an answer. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** The keys are all that headers have of anybody else's. */
const IMPOSSIBLE_KEY: SendOutcome = { kind: 'refused', cause: 'a key has characters that no header can have' };

const compress = promisify(gzip);

class RequestTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * Sends records as one OTLP/HTTP JSON request. Records are OTLP JSON already, so joining them is all it takes.
 * Redirects are not followed, because the credentials would go along. Sockets never keep the process alive. Proxies and
 * certificates are those of the process: see `config/network.ts`.
 */
export function httpSender(destination: Destination): Sender {
  const url = new URL(`${destination.baseUrl}/api/public/otel/v1/traces`);
  const { client, optionsFor } = connectionTo(url, networkTo(url));
  const options = optionsFor(url.pathname);

  const post = (body: Buffer, signal: AbortSignal): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const headers = { ...options.headers, ...headersFor(destination), 'content-length': body.length };
      const request = client.request({ ...options, method: 'POST', headers, signal }, (response) => {
        readAnswer(response).then(resolve, reject);
      });
      const timeoutMs = ANSWER_TIMEOUT_MS + body.length / SLOW_LINE;
      const timer = setTimeout(() => request.destroy(new RequestTimeout()), timeoutMs);
      timer.unref();
      request.on('socket', (socket) => socket.unref());
      request.on('error', reject);
      request.on('close', () => clearTimeout(timer));
      request.end(body);
    });

  return {
    async send(records, signal): Promise<SendOutcome> {
      const body = await compress(joinRecords(records), { level: constants.Z_BEST_SPEED });
      try {
        const answer = await untraced(client, () => post(body, signal));
        return classifyResponse({ ...answer, body: withoutKeys(answer.body, destination) }, Date.now());
      } catch (error) {
        signal.throwIfAborted();
        const cause = networkCause(error);
        return cause === 'ERR_INVALID_CHAR' ? IMPOSSIBLE_KEY : { kind: 'retry', cause };
      }
    },
  };
}

function credentials({ publicKey, secretKey }: Destination): string {
  return Buffer.from(`${publicKey}:${secretKey}`).toString('base64');
}

/** Some servers say in their errors what they were sent, and their words are kept and shown. */
function withoutKeys(words: string, destination: Destination): string {
  return words.replaceAll(credentials(destination), '…').replaceAll(destination.secretKey, '…');
}

function headersFor(destination: Destination): Record<string, string> {
  return {
    authorization: `Basic ${credentials(destination)}`,
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    // Langfuse shows what says 4 at once; anything else may take minutes.
    'x-langfuse-ingestion-version': '4',
    'x-langfuse-sdk-name': 'otel-langfuse',
    'x-langfuse-sdk-version': VERSION,
    'x-langfuse-public-key': destination.publicKey,
  };
}

const OPEN = Buffer.from('{"resourceSpans":[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']}');

/** One `ExportTraceServiceRequest` of records that are each a `ResourceSpans`. */
function joinRecords(records: readonly Buffer[]): Buffer {
  return Buffer.concat([
    OPEN,
    ...records.flatMap((record, index) => (index === 0 ? [record] : [COMMA, record])),
    CLOSE,
  ]);
}

async function readAnswer(response: http.IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    // Read to the end, so that the connection can be used again.
    if (bytes < MAX_ANSWER_BYTES) chunks.push(chunk);
    bytes += chunk.length;
  }
  const retryAfter = response.headers['retry-after'];
  return {
    status: response.statusCode ?? 0,
    body: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString(),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** The system's name of a network failure; its message may hold addresses. */
function networkCause(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? 'network error';
}
