import type { IncomingMessage } from 'node:http';
import { asNumber, asObject, asObjects, asString, parseJson } from '../../util/json-read.ts';
import { HttpError } from '../http-reply.ts';
import type { Project } from '../project.ts';
import type { SdkEvent } from './event.ts';
import { withSpanIds } from './ids.ts';
import { withLangfuse } from './pass-to-langfuse.ts';

/** Why an event was not taken, as Langfuse says it. */
export interface EventError {
  id: string;
  status: number;
  message: string;
  error?: string;
}

/** For the whole answer: the SDK itself waits 5 s for that of the gateway. */
const TIMEOUT_MS = 4_500;
/** What is read of an answer: some hundred bytes an event. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Sends scores to Langfuse, which has no other way for them, and waits for it: they are in no spool. Each has an id, so
 * one that is sent again is the same. Returns what did not come through.
 */
export async function sendScores(
  { langfuse }: Project,
  scores: readonly SdkEvent[],
  authorization: string = '',
): Promise<EventError[]> {
  if (scores.length === 0) return [];
  const batch = scores.map(({ id, timestamp, body }) => ({
    id,
    timestamp,
    type: 'score-create',
    body: withSpanIds(body),
  }));
  try {
    const answer = await withLangfuse(langfuse).ask({
      method: 'POST',
      path: '/api/public/ingestion',
      headers: { authorization, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ batch })),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const said = asObject(parseJson(await textOf(answer)));
    const { statusCode = 502 } = answer;
    if (statusCode === 207) return asObjects(said?.['errors']).map(toError);
    return statusCode < 300 ? [] : failAll(scores, statusCode, asString(said?.['message']) ?? 'Langfuse refuses it');
  } catch (error) {
    const { status, message } =
      error instanceof HttpError ? error : new HttpError(502, 'the answer of Langfuse did not come to its end');
    return failAll(scores, status, message);
  }
}

function failAll(scores: readonly SdkEvent[], status: number, message: string): EventError[] {
  return scores.map(({ id }) => ({ id, status, message }));
}

function toError({ id, status, message, error }: ReturnType<typeof asObjects>[number]): EventError {
  return {
    id: asString(id) ?? 'unknown',
    status: asNumber(status) ?? 400,
    message: asString(message) ?? 'Langfuse refuses it',
    ...(typeof error === 'string' && { error }),
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (bytes < MAX_ANSWER_BYTES) chunks.push(chunk);
    bytes += chunk.length;
  }
  return Buffer.concat(chunks).toString();
}
