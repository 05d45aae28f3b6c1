import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '../../src/model/json.ts';
import { PROTOCOLS } from '../../src/protocol/protocols.ts';
import type { Protocol } from '../../src/protocol/protocol.ts';
import { defined } from '../../src/util/json-read.ts';

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
  errorBody?: JsonObject;
  /** What the readers must say: `request`, `response`, `disjoint`, or `error` with its status. */
  expected: JsonObject;
}

export function loadWireFixtures(): WireFixture[] {
  return PROTOCOLS.flatMap((protocol) => {
    const folder = path.join(ROOT, protocol.id);
    const files = readdirSync(folder);
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
        stream: read('sse'),
        errorBody: json('error.json'),
      });
      const title = `${protocol.id} ${name}`;
      return Object.assign(bodies, { protocol, name, title, expected: json('expected.json') ?? {} });
    });
  });
}
