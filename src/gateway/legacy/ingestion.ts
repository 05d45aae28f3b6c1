import type { IncomingMessage } from 'node:http';
import { asArray } from '../../util/json-read.ts';
import { parseJsonObject } from '../decode-json.ts';
import type { GatewayState } from '../endpoints.ts';
import { HttpError, jsonReply, type Reply } from '../http-reply.ts';
import { MalformedBodyError } from '../otlp-schema.ts';
import type { Project } from '../project.ts';
import { withBody } from '../receive-body.ts';
import { inSlices } from '../slices.ts';
import { projectOfKeys } from './credentials.ts';
import { type EventFault, readEvent, type SdkEvent } from './event.ts';
import { type EventError, sendScores } from './scores.ts';

/**
 * How long an update waits for what it updates, which may be in a request that the SDK sends again after 3 s. The SDK
 * itself waits 5 s for an answer.
 */
const EARLY_MS = 3_500;

/**
 * The endpoint of the former Langfuse SDK, which Langfuse 4 closes for all but scores. Its answer names what was taken,
 * which then is where it survives, and what was not; the SDK sends a batch with any error again, and nothing counts twice.
 * @throws {HttpError}
 * @see https://api.reference.langfuse.com/#tag/ingestion
 */
export async function takeSdkEvents(request: IncomingMessage, state: GatewayState): Promise<Reply> {
  const { project } = projectOfKeys(request, state);
  return withBody(request, state.maxBodyBytes, state.inFlight, async ({ content }) => {
    const read = batchIn(content).map(readEvent);
    const events = read.filter((event) => 'kind' in event);
    const scores = events.filter(({ kind }) => kind === 'score');
    const errors: EventError[] = read.filter((event) => 'fault' in event).map(errorOf);
    const [scoreErrors] = await Promise.all([
      sendScores(project, scores, request.headers.authorization),
      takeSpanEvents(
        project,
        events.filter(({ kind }) => kind === 'trace' || kind === 'observation'),
      ),
    ]);
    errors.push(...scoreErrors);
    const failed = new Set(errors.map(({ id }) => id));
    const successes = events.filter(({ id }) => !failed.has(id)).map(({ id }) => ({ id, status: 201 }));
    return jsonReply(207, { successes, errors });
  });
}

async function takeSpanEvents(project: Project, events: readonly SdkEvent[]): Promise<void> {
  const { sdkTraces } = project;
  const { ready, early } = sdkTraces.sort(events);
  for (const slice of inSlices(ready)) await project.take(sdkTraces.apply(slice));
  if (early.length === 0) return;
  await sdkTraces.whenKnown(early, EARLY_MS);
  await project.take(sdkTraces.apply(early));
}

/** @throws {HttpError} 400 if there is no batch. */
function batchIn(content: Buffer): readonly unknown[] {
  try {
    const batch = asArray(parseJsonObject(content)['batch']);
    if (batch) return batch;
  } catch (error) {
    if (!(error instanceof MalformedBodyError)) throw error;
    throw new HttpError(400, error.message);
  }
  throw new HttpError(400, 'batch: write a list of events');
}

function errorOf({ id, fault }: EventFault): EventError {
  return { id, status: 400, message: 'Invalid request data', error: fault };
}
