import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One recorded HTTP exchange with an LLM provider. */
export interface Exchange {
  id: string;
  /** `repository:file#index` of the public test recording. */
  source: string;
  host: string;
  method: string;
  path: string;
  query: string;
  /** Parsed JSON body, or text. */
  request: unknown;
  status: number;
  contentType: string | null;
  /** The response headers that matter, lower case. */
  headers: Record<string, string>;
  /** Decompressed response body. */
  body: string;
  bodyEncoding: 'utf8' | 'base64';
}

/** An independent reading of what an exchange's usage is. */
export interface ExpectedReading {
  id: string;
  provider: string;
  operation: string;
  stream: boolean;
  model: string | null;
  response_id: string | null;
  /** Disjoint buckets, `null` where the exchange reports no usage. */
  expected: Record<string, number> | null;
  billed_usd?: number | null;
  notes: string[];
}

export interface Recording {
  exchange: Exchange;
  expected?: ExpectedReading;
}

const DIRECTORY = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'recordings');

/** Whether the recordings are beside the checkout; tests that need them skip where they are not. */
export const hasRecordings: boolean = existsSync(path.join(DIRECTORY, 'exchanges.jsonl.gz'));

/** Every recorded exchange with its expected reading, if there is one; none where the recordings are absent. */
export function loadRecordings(): Recording[] {
  if (!hasRecordings) return [];
  const readings = new Map(readLines<ExpectedReading>('expected.jsonl.gz').map((reading) => [reading.id, reading]));
  return readLines<Exchange>('exchanges.jsonl.gz').map((exchange) => {
    const expected = readings.get(exchange.id);
    return expected ? { exchange, expected } : { exchange };
  });
}

/** The response body as the bytes that were on the wire, decompressed. */
export function bodyBytes(exchange: Exchange): Buffer {
  return Buffer.from(exchange.body, exchange.bodyEncoding);
}

function readLines<T>(file: string): T[] {
  const location = path.join(DIRECTORY, file);
  if (!existsSync(location)) return [];
  return gunzipSync(readFileSync(location))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
