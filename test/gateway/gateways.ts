import { onTestFinished } from 'vitest';
import type { GatewayOptions } from '../../src/gateway/gateway-options.ts';
import { type Gateway, startGateway } from '../../src/gateway/server.ts';
import { LLM } from '../exporter/readable-spans.ts';
import { RecordingDelivery } from '../support/recording-delivery.ts';

/** A gateway on a free port that is gone after the test, and what it delivers. */
export async function recordingGateway(
  options: GatewayOptions = {},
): Promise<{ gateway: Gateway; delivery: RecordingDelivery }> {
  const delivery = new RecordingDelivery();
  const gateway = await startGateway({ port: 0, projects: { default: { delivery } }, ...options });
  onTestFinished(() => gateway.close());
  return { gateway, delivery };
}

/** A span of OTLP's JSON. */
export interface JsonSpan {
  name?: string;
  traceId?: unknown;
  spanId?: unknown;
  parentSpanId?: unknown;
  kind?: number;
  flags?: number;
  startTimeUnixNano?: unknown;
  endTimeUnixNano?: unknown;
  attributes?: unknown;
  events?: unknown;
  status?: unknown;
}

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

/** A span id made of a readable name. */
export function spanId(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(16, '0').slice(0, 16);
}

/** A span of a model call, or with `attributes` of anything else. */
export function jsonSpan(
  name: string,
  parent?: string,
  attributes: Record<string, unknown> = LLM,
): JsonSpan & { name: string } {
  return {
    name,
    traceId: TRACE_ID,
    spanId: spanId(name),
    ...(parent !== undefined && { parentSpanId: spanId(parent) }),
    kind: 1,
    startTimeUnixNano: '1750000000000000000',
    endTimeUnixNano: '1750000001000000000',
    attributes: keyValues(attributes),
  };
}

export function keyValues(attributes: Record<string, unknown>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value as Record<string, unknown>) } };
}

export function tracesRequest(spans: readonly unknown[], resource: Record<string, unknown> = {}): object {
  return { resourceSpans: [{ resource: { attributes: keyValues(resource) }, scopeSpans: [{ spans }] }] };
}

/** Posts a body; JSON unless the headers say otherwise. */
export function post(
  url: string,
  body: object | string | Buffer,
  headers: Record<string, string> = {},
): Promise<Response> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(bytes),
  });
}

export function postSpans(
  { url }: Gateway,
  spans: readonly unknown[],
  { headers, resource }: { headers?: Record<string, string>; resource?: Record<string, unknown> } = {},
): Promise<Response> {
  return post(`${url}/v1/traces`, tracesRequest(spans, resource), headers);
}
