import * as v from 'valibot';
import { defined } from '../util/json-read.ts';
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

/** The configuration of a proxy, secrets and certificates read. What is left out has its default there. */
export interface ProxyConfig {
  host?: string;
  port?: number;
  token?: string;
  /** In PEM. */
  tls?: { certificate: string; key: string };
  /** First segment of the path -> address. */
  upstreams?: Record<string, string>;
  limits?: Partial<Record<'bytesInFlight' | 'connections' | 'headersTimeoutMs' | 'requestTimeoutMs', number>>;
}

/** Reads what a file, and what goes before it, says. Every fault is told with its path. */
export function parseProxyConfig(said: unknown, surroundings: Surroundings): ParsedConfig<ProxyConfig> {
  return parseConfig(schemaIn(surroundings), said);
}

const NAME = v.pipe(TEXT, v.regex(/^[a-z0-9][a-z0-9_-]*$/, 'write a name of small letters, digits, - and _'));

/** Keys belong to the calls, and a query would have to go before that of each. */
const ADDRESS = v.pipe(
  httpUrl('http://llm.internal:8000'),
  v.transform((value) => new URL(value)),
  v.check(({ username, password }) => !username && !password, 'write the address without a user and a password'),
  v.check(({ search, hash }) => !search && !hash, 'write the address without ? and #'),
  v.transform(({ href }) => href.replace(/\/+$/, '')),
);

const LIMITS = v.pipe(
  v.strictObject({
    inFlightMegabytes: v.exactOptional(whole(1, 100_000, MEGABYTE)),
    connections: v.exactOptional(whole(1, 1_000_000)),
    headersSeconds: v.exactOptional(whole(1, 3_600, 1_000)),
    requestSeconds: v.exactOptional(whole(1, 86_400, 1_000)),
  }),
  v.transform(({ inFlightMegabytes, connections, headersSeconds, requestSeconds }) =>
    defined({
      bytesInFlight: inFlightMegabytes,
      connections,
      headersTimeoutMs: headersSeconds,
      requestTimeoutMs: requestSeconds,
    }),
  ),
);

function schemaIn(surroundings: Surroundings): Field<ProxyConfig> {
  return v.strictObject({
    host: v.exactOptional(TEXT),
    port: v.exactOptional(whole(0, 65_535)),
    token: v.exactOptional(secretIn(surroundings)),
    tls: v.exactOptional(tlsIn(surroundings)),
    upstreams: v.exactOptional(v.record(NAME, ADDRESS, 'write a mapping of names to addresses')),
    limits: v.exactOptional(LIMITS),
  });
}
