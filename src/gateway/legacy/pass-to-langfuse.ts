import type { IncomingMessage } from 'node:http';
import { endToEndHeaders } from '../../server/end-to-end-headers.ts';
import { parseJsonObject } from '../decode-json.ts';
import { encodingOf } from '../decode.ts';
import type { GatewayState } from '../endpoints.ts';
import { HttpError, type Reply } from '../http-reply.ts';
import { MalformedBodyError } from '../otlp-schema.ts';
import { withBody } from '../receive-body.ts';
import { projectOfKeys } from './credentials.ts';
import { urlWithSpanIds, withSpanIds } from './ids.ts';
import type { LangfuseApi } from './langfuse-api.ts';

const PUBLIC_API = '/api/public/';

/** Of the client's headers, what a request to Langfuse has of its own. */
const OWN: ReadonlySet<string> = new Set(['host', 'content-length', 'content-encoding', 'expect']);

/**
 * Everything else of Langfuse's public API (reads, prompts, media, datasets) is asked of Langfuse as it came, but with the
 * ids that traces and observations have there. The answer is passed on as it comes.
 * @throws {HttpError}
 */
export async function passToLangfuse(request: IncomingMessage, state: GatewayState): Promise<Reply> {
  const langfuse = withLangfuse(projectOfKeys(request, state).project.langfuse);
  // As a URL: what is looked at is where a path with dots leads.
  const asked = new URL(request.url ?? '', 'http://gateway');
  if (!asked.pathname.startsWith(PUBLIC_API)) throw new HttpError(404, `there is only what is below ${PUBLIC_API}`);
  return withBody(request, state.maxBodyBytes, state.inFlight, async ({ content }) => {
    const { method = 'GET' } = request;
    const body = withIdsOfSpans(content, request.headers['content-type']);
    const ask = ({ pathname, search }: URL): Promise<IncomingMessage> =>
      langfuse.ask({ method, path: pathname + search, headers: headersOf(request), body });
    const mapped = urlWithSpanIds(asked);
    const answer = await ask(mapped);
    // What came to Langfuse while there was no gateway has the id that the SDK gave it.
    const isOlder = answer.statusCode === 404 && method === 'GET' && mapped.href !== asked.href;
    if (!isOlder) return replyOf(answer);
    answer.resume();
    return replyOf(await ask(asked));
  });
}

/** @throws {HttpError} 503 if the gateway has no keys, and so no Langfuse to ask. */
export function withLangfuse(langfuse: LangfuseApi | undefined): LangfuseApi {
  if (!langfuse) throw new HttpError(503, 'this gateway has no Langfuse keys: it keeps spans, and has nothing to read');
  return langfuse;
}

function withIdsOfSpans(content: Buffer, contentType: string | undefined): Buffer {
  if (content.length === 0 || encodingOf(contentType) !== 'json') return content;
  try {
    const fields = parseJsonObject(content);
    const mapped = withSpanIds(fields);
    return Object.keys(fields).every((name) => fields[name] === mapped[name])
      ? content
      : Buffer.from(JSON.stringify(mapped));
  } catch (error) {
    if (error instanceof MalformedBodyError) throw new HttpError(400, error.message);
    throw error;
  }
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(endToEndHeaders(request).filter(([name]) => !OWN.has(name.toLowerCase())));
}

function replyOf(answer: IncomingMessage): Reply {
  const headers: Record<string, string[]> = {};
  for (const [name, value] of endToEndHeaders(answer)) (headers[name.toLowerCase()] ??= []).push(value);
  return { status: answer.statusCode ?? 502, headers, body: answer };
}
