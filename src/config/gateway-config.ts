import path from 'node:path';
import * as v from 'valibot';
import { defined } from '../util/json-read.ts';
import type { Config, SpanSelection } from './config.ts';
import {
  type Field,
  httpUrl,
  MEGABYTE,
  parseConfig,
  type ParsedConfig,
  secretIn,
  type Surroundings,
  TEXT,
  tlsIn,
  whole,
} from './server-fields.ts';

/** A Langfuse project that a gateway delivers to; what is left out comes from the environment. */
interface GatewayProject {
  publicKey?: string;
  secretKey?: string;
  baseUrl?: string;
  environment?: string;
  release?: string;
  spans?: SpanSelection;
  /** File of prices that go before the built-in ones. */
  prices?: string;
}

/** Sends what has one of these values to a project: exactly one of `header`, `resource` and `attribute` is named. */
interface GatewayRoute {
  header?: string;
  resource?: string;
  attribute?: string;
  equals: string[];
  project: string;
}

/** The configuration of a gateway, secrets and certificates read. What is left out has its default there. */
export interface GatewayConfig {
  host?: string;
  port?: number;
  token?: string;
  /** In PEM. */
  tls?: { certificate: string; key: string };
  projects?: Record<string, GatewayProject>;
  routes?: GatewayRoute[];
  passOn?: { url: string; headers?: Record<string, string> }[];
  spool?: Partial<Config['spool']>;
  limits?: Partial<
    Record<'bodyBytes' | 'bytesInFlight' | 'connections' | 'headersTimeoutMs' | 'requestTimeoutMs', number>
  >;
  retention?: Partial<Record<'maxAgeMs' | 'maxSpans' | 'maxSentBytes', number>>;
}

/** Reads what a file, and what goes before it, says. Every fault is told with its path. */
export function parseGatewayConfig(said: unknown, surroundings: Surroundings): ParsedConfig<GatewayConfig> {
  return parseConfig(schemaIn(surroundings), said);
}

const HTTP_URL = httpUrl('https://otlp.example.com');

const HEADERS = v.record(TEXT, v.string('write a text'));

/** `when` and `equals`; a single value may stand for the list of it. */
const EQUALS = v.union(
  [
    v.array(TEXT),
    v.pipe(
      TEXT,
      v.transform((value) => [value]),
    ),
  ],
  'write a text or a list of texts',
);
const ROUTE = v.union(
  [
    v.strictObject({ header: TEXT, equals: EQUALS, project: TEXT }),
    v.strictObject({ resource: TEXT, equals: EQUALS, project: TEXT }),
    v.strictObject({ attribute: TEXT, equals: EQUALS, project: TEXT }),
  ],
  'write one of header, resource and attribute, with equals and project',
);

const LIMITS = v.pipe(
  v.strictObject({
    bodyMegabytes: v.exactOptional(whole(1, 1_000, MEGABYTE)),
    inFlightMegabytes: v.exactOptional(whole(1, 100_000, MEGABYTE)),
    connections: v.exactOptional(whole(1, 1_000_000)),
    headersSeconds: v.exactOptional(whole(1, 3_600, 1_000)),
    requestSeconds: v.exactOptional(whole(1, 3_600, 1_000)),
  }),
  v.transform((limits) =>
    defined({
      bodyBytes: limits.bodyMegabytes,
      bytesInFlight: limits.inFlightMegabytes,
      connections: limits.connections,
      headersTimeoutMs: limits.headersSeconds,
      requestTimeoutMs: limits.requestSeconds,
    }),
  ),
);

const DAY_MS = 24 * 60 * 60_000;

/**
 * A gateway answers when spans are on disk and synced, many requests at once: what more the preload's variable may ask for
 * would be done once again, and each time for one request.
 */
const DURABILITY = v.pipe(
  v.picklist(['fsync', 'memory', 'batch', 'span'], 'write fsync or memory'),
  v.transform((durability) => (durability === 'memory' ? 'memory' : 'batch')),
);

function spoolIn({ folder }: Surroundings): Field<Partial<Config['spool']>> {
  return v.pipe(
    v.strictObject({
      directory: v.exactOptional(TEXT),
      megabytes: v.exactOptional(whole(1, 100_000_000, MEGABYTE)),
      days: v.exactOptional(whole(1, 3_650, DAY_MS)),
      durability: v.exactOptional(DURABILITY),
    }),
    v.transform(({ directory, megabytes, days, durability }) =>
      defined({
        directory: directory === undefined ? undefined : path.resolve(folder, directory),
        maxBytes: megabytes,
        maxAgeMs: days,
        durability,
      }),
    ),
  );
}

const RETENTION = v.pipe(
  v.strictObject({
    minutes: v.exactOptional(whole(1, 24 * 60, 60_000)),
    spans: v.exactOptional(whole(1_000, 100_000_000)),
    megabytes: v.exactOptional(whole(1, 100_000, MEGABYTE)),
  }),
  v.transform(({ minutes, spans, megabytes }) =>
    defined({ maxAgeMs: minutes, maxSpans: spans, maxSentBytes: megabytes }),
  ),
);

function schemaIn(surroundings: Surroundings) {
  const secret = secretIn(surroundings);
  const project = v.strictObject({
    publicKey: v.exactOptional(v.union([TEXT, secret], 'write a text, {environment: NAME} or {file: PATH}')),
    secretKey: v.exactOptional(secret),
    baseUrl: v.exactOptional(HTTP_URL),
    environment: v.exactOptional(TEXT),
    release: v.exactOptional(TEXT),
    spans: v.exactOptional(v.picklist(['llm-path', 'all', 'llm'], 'write llm-path, all or llm')),
    prices: v.exactOptional(
      v.pipe(
        TEXT,
        v.transform((file) => path.resolve(surroundings.folder, file)),
      ),
    ),
  });
  return v.strictObject({
    host: v.exactOptional(TEXT),
    port: v.exactOptional(whole(0, 65_535)),
    token: v.exactOptional(secret),
    tls: v.exactOptional(tlsIn(surroundings)),
    projects: v.exactOptional(
      v.pipe(
        v.record(TEXT, project, 'write a mapping of names to projects'),
        v.check((projects) => 'default' in projects, 'one of them is to be named default: it takes what no route fits'),
      ),
    ),
    routes: v.exactOptional(v.array(ROUTE, 'write a list')),
    passOn: v.exactOptional(
      v.array(v.strictObject({ url: HTTP_URL, headers: v.exactOptional(HEADERS) }), 'write a list'),
    ),
    spool: v.exactOptional(spoolIn(surroundings)),
    limits: v.exactOptional(LIMITS),
    retention: v.exactOptional(RETENTION),
  });
}
