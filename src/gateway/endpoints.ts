import type { IncomingMessage } from 'node:http';
import { WATCH_ENDPOINTS } from '../server/watch.ts';
import { decode, encodingOf, type OtlpEncoding } from './decode.ts';
import { HttpError, type Reply } from './http-reply.ts';
import { projectOfKeys } from './legacy/credentials.ts';
import { takeSdkEvents } from './legacy/ingestion.ts';
import { passToLangfuse } from './legacy/pass-to-langfuse.ts';
import { toLogEvents } from './log-events.ts';
import { gatewayMetricsText, type MetricSources } from './metrics.ts';
import { failureAnswer, successAnswer } from './otlp-answer.ts';
import { LOGS, MalformedBodyError, TRACES } from './otlp-schema.ts';
import type { Project } from './project.ts';
import { withBody } from './receive-body.ts';
import { toReceivedSpans } from './received-span.ts';

/** What the endpoints work with. */
export interface GatewayState extends MetricSources {
  projects: ReadonlyMap<string, Project>;
  /** Whether requests must have a token. */
  isProtected: boolean;
  /** Of one body, as sent and as unpacked. */
  maxBodyBytes: number;
  /** Whether the gateway is about to stop. */
  stopping: boolean;
}

/** One thing the gateway answers. */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `/*` at its end, everything below it that has no endpoint of its own. */
  path: string;
  /** Asks for no token: it is for those who watch whether the gateway lives, or for those with other credentials. */
  open?: boolean;
  handle(request: IncomingMessage, state: GatewayState): Promise<Reply>;
}

const METRICS_HINT =
  'this gateway takes traces and GenAI log events, no metrics: set OTEL_METRICS_EXPORTER=none, or ' +
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT to a backend for metrics';

export const ENDPOINTS: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/traces', handle: otlp('/v1/traces', takeTraces) },
  { method: 'POST', path: '/v1/logs', handle: otlp('/v1/logs', takeLogs) },
  {
    method: 'POST',
    path: '/v1/metrics',
    handle: otlp('/v1/metrics', async () => {
      throw new HttpError(404, METRICS_HINT);
    }),
  },
  ...WATCH_ENDPOINTS.map(({ path, open, reply }): Endpoint => ({
    method: 'GET',
    path,
    open,
    handle: async (_, state) => reply({ stopping: state.stopping, metricsText: () => gatewayMetricsText(state) }),
  })),
  {
    // Where the exporters of Langfuse's own SDKs send.
    method: 'POST',
    path: '/api/public/otel/v1/traces',
    open: true,
    handle: otlp('/v1/traces', takeTraces, (request, state) => projectOfKeys(request, state).name),
  },
  { method: 'POST', path: '/api/public/ingestion', open: true, handle: takeSdkEvents },
  ...(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method): Endpoint => ({
    method,
    path: '/api/public/*',
    open: true,
    handle: passToLangfuse,
  })),
];

/** The endpoints at a path, whatever their method. */
export function endpointsAt(path: string): readonly Endpoint[] {
  const exact = ENDPOINTS.filter((endpoint) => endpoint.path === path);
  return exact.length > 0 ? exact : ENDPOINTS.filter((endpoint) => isBelow(endpoint.path, path));
}

function isBelow(endpointPath: string, path: string): boolean {
  return endpointPath.endsWith('/*') && path.startsWith(endpointPath.slice(0, -1));
}

/** The path that was asked for, without what may follow it. */
export function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

/** What came in one request. */
interface Received {
  content: Buffer;
  encoding: OtlpEncoding;
  request: IncomingMessage;
  state: GatewayState;
  /** Where it goes, if its sender is of one project. */
  project: string | undefined;
}

/**
 * An endpoint of OTLP: its answers, errors too, are in the encoding of the request.
 * @param path where other endpoints take the same
 * @param projectOf the project of its sender; throws before any of the body is taken where there is none
 */
function otlp(
  path: string,
  take: (received: Received) => Promise<Reply>,
  projectOf: (request: IncomingMessage, state: GatewayState) => string | undefined = () => undefined,
): Endpoint['handle'] {
  return async (request, state) => {
    const { headers } = request;
    const encoding = encodingOf(headers['content-type']);
    if (!encoding) throw new HttpError(415, 'content-type: send application/x-protobuf or application/json');
    try {
      const project = projectOf(request, state);
      return await withBody(request, state.maxBodyBytes, state.inFlight, async ({ content, original }) => {
        const reply = await take({ content, encoding, request, state, project });
        for (const target of state.passOn) target.offer(path, headers, original);
        return reply;
      });
    } catch (error) {
      if (error instanceof MalformedBodyError) return failureAnswer(encoding, 400, error.message);
      if (!(error instanceof HttpError)) throw error;
      const reply = failureAnswer(encoding, error.status, error.message);
      return { ...reply, headers: { ...reply.headers, ...error.headers } };
    }
  };
}

/** So many rejected spans are named in an answer. */
const MAX_NAMED = 5;

async function takeTraces({ content, encoding, request, state: { intake }, project }: Received): Promise<Reply> {
  const received = toReceivedSpans(decode(content, encoding, TRACES));
  await intake.takeSpans(received, request.headers, project);
  const { rejected } = received;
  const more = rejected.length > MAX_NAMED ? [`and ${rejected.length - MAX_NAMED} more`] : [];
  const message = [...rejected.slice(0, MAX_NAMED), ...more].join('; ');
  return successAnswer(encoding, { countedAs: 'rejectedSpans', rejected: rejected.length, message });
}

async function takeLogs({ content, encoding, state: { intake } }: Received): Promise<Reply> {
  await intake.takeLogEvents(toLogEvents(decode(content, encoding, LOGS)));
  return successAnswer(encoding, { countedAs: 'rejectedLogRecords', rejected: 0, message: '' });
}
