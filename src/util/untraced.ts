import { channel } from 'node:diagnostics_channel';
import type http from 'node:http';
import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';

/** The key by which OpenTelemetry instrumentations know that a request is telemetry and not to be traced itself. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const UNTRACED: Context = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

/** Where instrumentations listen that do not wrap the module. */
const REQUEST_CHANNELS = [channel('http.client.request.created'), channel('http.client.request.start')];

/** Whether what happens in `from` is telemetry and not to be traced. */
export function isUntraced(from: Context): boolean {
  return from.getValue(SUPPRESS_TRACING) === true;
}

type Client = Pick<typeof http, 'request'>;

/** Makes a request of our own, which no instrumentation of the app is to trace. */
export function untraced<T>(client: Client, request: () => T): T {
  return isInstrumented(client) ? context.with(UNTRACED, request) : request();
}

/**
 * Whether somebody traces HTTP requests, and so would trace ours. Asked because to enter an async context has a price that
 * the app pays: from the first time on, Node 20 keeps track of every promise of the process.
 */
function isInstrumented({ request }: Client): boolean {
  return '__wrapped' in request || REQUEST_CHANNELS.some(({ hasSubscribers }) => hasSubscribers);
}
