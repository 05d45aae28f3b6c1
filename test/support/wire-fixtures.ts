import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '../../src/model/json.ts';
import { PROTOCOLS } from '../../src/protocol/protocols.ts';
import type { ExchangeFacts, Protocol } from '../../src/protocol/protocol.ts';
import { defined } from '../../src/util/json-read.ts';
import { type Framing, framingOf } from '../../src/wire/framing.ts';
import { factsOf } from './read-wire.ts';

const ROOT = path.join(import.meta.dirname, '..', 'fixtures', 'wire');

/** One exchange of `test/fixtures/wire/<protocol>/<case>.*`; a case has a body, a stream, both of one answer, or an error. */
export interface WireFixture {
  protocol: Protocol;
  name: string;
  /** Protocol and name. */
  title: string;
  request?: JsonObject;
  response?: JsonObject;
  stream?: Buffer;
  /** By the ending of the stream's file. */
  framing: Framing;
  /** From `<case>.facts.json`: `{ host, path, headers }` of an exchange whose bodies do not say everything. */
  facts: ExchangeFacts;
  errorBody?: JsonObject;
  /** What the readers must say: `request`, `response`, `disjoint`, or `error` with its status. */
  expected: JsonObject;
}

/** Ending of a file with a stream -> the content type of its framing. */
const STREAM_ENDINGS = [
  ['sse', 'text/event-stream'],
  ['ndjson', 'application/x-ndjson'],
  ['eventstream', 'application/vnd.amazon.eventstream'],
] as const;

export function loadWireFixtures(): WireFixture[] {
  return PROTOCOLS.flatMap((protocol) => {
    const folder = path.join(ROOT, protocol.id);
    const files = existsSync(folder) ? readdirSync(folder) : [];
    const names = [...new Set(files.map((file) => file.split('.')[0] ?? ''))];
    return names.map((name) => {
      const read = (ending: string): Buffer | undefined =>
        files.includes(`${name}.${ending}`) ? readFileSync(path.join(folder, `${name}.${ending}`)) : undefined;
      const json = (ending: string): JsonObject | undefined => {
        const text = read(ending)?.toString('utf8');
        return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
      };
      const bodies = defined({
        request: json('request.json'),
        response: json('response.json'),
        errorBody: json('error.json'),
      });
      const title = `${protocol.id} ${name}`;
      const [ending, contentType] = STREAM_ENDINGS.find(([candidate]) => read(candidate)) ?? STREAM_ENDINGS[0];
      return Object.assign(bodies, defined({ stream: read(ending) }), {
        protocol,
        name,
        title,
        framing: framingOf(contentType) as Framing,
        facts: factsOf(json('facts.json') ?? {}),
        expected: json('expected.json') ?? {},
      });
    });
  });
}
