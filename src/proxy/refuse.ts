import type { ServerResponse } from 'node:http';

/** An answer of our own, in the form that clients of LLM APIs read errors in. */
export function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({ error: { type: 'proxy_error', message: `otel-langfuse proxy: ${message}` } });
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    // What was not read of the request would be taken for the next one.
    ...(!response.req.complete && { connection: 'close' }),
  });
  response.end(body);
}
