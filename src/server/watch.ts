import { METRICS_CONTENT_TYPE } from './metrics.ts';

/** A server that is watched. */
export interface Watched {
  /** Whether it is about to stop. */
  stopping: boolean;
  metricsText(): string;
}

interface WatchReply {
  status: number;
  headers: { 'content-type': string };
  body: string;
}

/** What a watcher asks with GET. */
interface WatchEndpoint {
  path: string;
  /** Asks for no token: it says no more than whether the server lives. */
  open: boolean;
  reply(watched: Watched): WatchReply;
}

export const WATCH_ENDPOINTS: readonly WatchEndpoint[] = [
  { path: '/healthz', open: true, reply: () => text(200, 'alive\n') },
  {
    path: '/readyz',
    open: true,
    reply: ({ stopping }) => (stopping ? text(503, 'stopping\n') : text(200, 'ready\n')),
  },
  { path: '/metrics', open: false, reply: (watched) => text(200, watched.metricsText(), METRICS_CONTENT_TYPE) },
];

function text(status: number, body: string, contentType = 'text/plain'): WatchReply {
  return { status, headers: { 'content-type': contentType }, body };
}
