import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { defined } from '../util/json-read.ts';
import type { SpanSelection } from './config.ts';

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
  limits?: Partial<
    Record<'bodyBytes' | 'bytesInFlight' | 'connections' | 'headersTimeoutMs' | 'requestTimeoutMs', number>
  >;
  retention?: Partial<Record<'maxAgeMs' | 'maxSpans' | 'maxSentBytes', number>>;
}

/** Where variables and files that the configuration names are looked for. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  /** What paths in the configuration are relative to. */
  folder: string;
}

/** Why a configuration cannot be used. */
export interface ConfigFault {
  /** Keys from the top, with dots. */
  path: string;
  message: string;
}

/** Reads what a file, and what goes before it, says. Every fault is told with its path. */
export function parseGatewayConfig(
  said: unknown,
  surroundings: Surroundings,
): { config: GatewayConfig } | { faults: ConfigFault[] } {
  const result = v.safeParse(schemaIn(surroundings), said);
  if (result.success) return { config: result.output };
  return { faults: result.issues.map((issue) => ({ path: v.getDotPath(issue) ?? '', message: messageOf(issue) })) };
}

function messageOf({ type, message, expected }: v.BaseIssue<unknown>): string {
  if (type !== 'strict_object') return message;
  return expected === 'never' ? 'there is no such setting' : 'is missing';
}

const MEGABYTE = 1024 * 1024;

function whole(minimum: number, maximum: number, unit: number = 1) {
  const message = `write a whole number from ${minimum} to ${maximum}`;
  const given = v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number))], message);
  const checked = v.pipe(given, v.integer(message), v.minValue(minimum, message), v.maxValue(maximum, message));
  return v.pipe(
    checked,
    v.transform((value) => value * unit),
  );
}

const TEXT = v.pipe(v.string('write a text'), v.trim(), v.nonEmpty('write a text that is not empty'));

const HTTP_URL = v.pipe(
  TEXT,
  v.check(
    (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    'write an address such as https://otlp.example.com',
  ),
);

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

function schemaIn({ env, folder }: Surroundings) {
  const secret = v.pipe(
    v.union(
      [v.strictObject({ environment: TEXT }), v.strictObject({ file: TEXT })],
      'write {environment: NAME} or {file: PATH}',
    ),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const found =
        'file' in value ? contentOf(path.resolve(folder, value.file)) : { content: env[value.environment] ?? '' };
      const content = found.content?.trim();
      if (content) return content;
      const source = 'file' in value ? value.file : value.environment;
      addIssue({ message: `${source} ${found.failure ?? 'is not set or empty'}` });
      return NEVER;
    }),
  );
  const pem = v.pipe(
    TEXT,
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const { content, failure } = contentOf(path.resolve(folder, value));
      if (content !== undefined) return content;
      addIssue({ message: `${value} ${failure}` });
      return NEVER;
    }),
  );
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
        v.transform((file) => path.resolve(folder, file)),
      ),
    ),
  });
  return v.strictObject({
    host: v.exactOptional(TEXT),
    port: v.exactOptional(whole(0, 65_535)),
    token: v.exactOptional(secret),
    tls: v.exactOptional(v.strictObject({ certificate: pem, key: pem })),
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
    limits: v.exactOptional(LIMITS),
    retention: v.exactOptional(RETENTION),
  });
}

function contentOf(file: string): { content?: string; failure?: string } {
  try {
    return { content: readFileSync(file, 'utf8') };
  } catch (error) {
    return { failure: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}
