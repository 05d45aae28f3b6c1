import type { IncomingMessage } from 'node:http';
import { decode, encodingOf, type OtlpEncoding } from './decode.ts';
import { HttpError, type Reply } from './http-reply.ts';
import type { Intake } from './intake.ts';
import { failureAnswer, successAnswer } from './otlp-answer.ts';
import { MalformedBodyError, TRACES } from './otlp-schema.ts';
import { type BytesInFlight, type ReceivedBody, withBody } from './receive-body.ts';
import { toReceivedSpans } from './received-span.ts';

/** What the endpoints work with. */
export interface GatewayState {
  intake: Intake;
  inFlight: BytesInFlight;
  maxBodyBytes: number;
  /** Whether the gateway is about to stop. */
  stopping: boolean;
}

/** One thing the gateway answers. */
export interface Endpoint {
  method: 'GET' | 'POST';
  path: string;
  /** Answers without a token: for those who watch whether the gateway lives. */
  open?: boolean;
  handle(request: IncomingMessage, state: GatewayState): Promise<Reply>;
}

export const ENDPOINTS: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/traces', handle: otlp(takeTraces) },
  { method: 'GET', path: '/healthz', open: true, handle: async () => text(200, 'alive') },
  {
    method: 'GET',
    path: '/readyz',
    open: true,
    handle: async (_, { stopping }) => (stopping ? text(503, 'stopping') : text(200, 'ready')),
  },
];

type TakeOtlp = (
  body: ReceivedBody,
  encoding: OtlpEncoding,
  request: IncomingMessage,
  state: GatewayState,
) => Promise<Reply>;

/** An endpoint of OTLP: its answers, errors too, are in the encoding of the request. */
function otlp(take: TakeOtlp): Endpoint['handle'] {
  return async (request, state) => {
    const encoding = encodingOf(request.headers['content-type']);
    if (!encoding) throw new HttpError(415, 'content-type: send application/x-protobuf or application/json');
    try {
      return await withBody(request, state.maxBodyBytes, state.inFlight, (body) =>
        take(body, encoding, request, state),
      );
    } catch (error) {
      if (error instanceof MalformedBodyError) return failureAnswer(encoding, 400, error.message);
      if (!(error instanceof HttpError)) throw error;
      const { status, message, retryAfter } = error;
      const reply = failureAnswer(encoding, status, message);
      return retryAfter === undefined
        ? reply
        : { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfter) } };
    }
  };
}

/** So many rejected spans are named in an answer. */
const MAX_NAMED = 5;

async function takeTraces(
  { content }: ReceivedBody,
  encoding: OtlpEncoding,
  request: IncomingMessage,
  { intake }: GatewayState,
): Promise<Reply> {
  const { spans, rejected } = toReceivedSpans(decode(content, encoding, TRACES));
  await intake.take(spans, request.headers);
  const more = rejected.length > MAX_NAMED ? [`and ${rejected.length - MAX_NAMED} more`] : [];
  const message = [...rejected.slice(0, MAX_NAMED), ...more].join('; ');
  return successAnswer(encoding, { countedAs: 'rejectedSpans', rejected: rejected.length, message });
}

function text(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/plain' }, body: `${body}\n` };
}
