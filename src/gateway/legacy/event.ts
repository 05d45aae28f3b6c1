import type { JsonObject } from '../../model/json.ts';
import { asObject, asString } from '../../util/json-read.ts';

/** One event of a batch. */
export interface SdkEvent {
  /** Of the event itself; answers name it. */
  id: string;
  kind: EventKind;
  /** Whether it only adds to what another event says. */
  isUpdate: boolean;
  /** Of an observation; unknown of one that updates whatever is there. */
  observationType?: string;
  /** When the SDK made it, ISO 8601. */
  timestamp?: string;
  body: JsonObject;
}

type EventKind = 'trace' | 'observation' | 'score' | 'log';

/** Why an event cannot be taken. */
export interface EventFault {
  id: string;
  fault: string;
}

/** Langfuse's bound of an id. */
const MAX_ID = 800;
const OBSERVATION =
  /^(span|generation|event|agent|tool|chain|retriever|evaluator|embedding|guardrail|observation)-(create|update)$/;
const OTHERS: ReadonlyMap<string, EventKind> = new Map([
  ['trace-create', 'trace'],
  ['score-create', 'score'],
  ['sdk-log', 'log'],
]);

/**
 * Reads an event as far as it can be told what it is about. What else is odd about it costs only the field.
 * @see https://api.reference.langfuse.com/#tag/ingestion
 */
export function readEvent(value: unknown): SdkEvent | EventFault {
  const event = asObject(value);
  const id = asString(event?.id) ?? 'unknown';
  if (!event) return { id, fault: 'an event is an object' };
  const type = asString(event.type) ?? '';
  const [, observationType, change] = OBSERVATION.exec(type) ?? [];
  const kind = observationType === undefined ? OTHERS.get(type) : 'observation';
  const body = asObject(event.body);
  if (!kind) return { id, fault: `the type ${JSON.stringify(type.slice(0, MAX_ID))} is not known` };
  if (!isId(event.id)) return { id: 'unknown', fault: `id: write a text of 1 to ${MAX_ID} characters` };
  if (!body) return { id, fault: 'body: write an object' };
  if ((kind === 'trace' || kind === 'observation') && !isId(body.id))
    return { id, fault: `body.id: write a text of 1 to ${MAX_ID} characters` };
  const timestamp = asString(event.timestamp);
  return {
    id,
    kind,
    isUpdate: change === 'update',
    ...(kind === 'observation' && { observationType: observationTypeOf(observationType ?? '', body) }),
    ...(timestamp !== undefined && { timestamp }),
    body,
  };
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_ID;
}

/** Of events of the oldest SDKs the body says it. */
function observationTypeOf(type: string, { type: stated }: JsonObject): string {
  return type === 'observation' ? (asString(stated)?.toLowerCase() ?? 'span') : type;
}
