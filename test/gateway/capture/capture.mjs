// Records what OpenTelemetry SDKs send, byte for byte, as fixtures: node test/gateway/capture/capture.mjs [case ...]
// Takes Node >= 22.15 (for SDK 3.x), Python 3 with the packages of python/requirements.txt, and Go.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = import.meta.dirname;
const fixtures = path.join(here, '..', '..', 'fixtures', 'otlp');

/** Case -> folder and command; the endpoint takes the place of `URL`. */
const CASES = {
  'js-json': ['js', 'node', 'app.mjs', 'URL', 'json'],
  'js-protobuf': ['js', 'node', 'app.mjs', 'URL', 'protobuf', 'gzip'],
  python: ['python', 'python3', 'app.py', 'URL', 'none'],
  'python-gzip': ['python', 'python3', 'app.py', 'URL', 'gzip'],
  'python-deflate': ['python', 'python3', 'app.py', 'URL', 'deflate'],
  go: ['go', 'go', 'run', '.', 'URL', 'none'],
  'go-gzip': ['go', 'go', 'run', '.', 'URL', 'gzip'],
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CASES);
mkdirSync(fixtures, { recursive: true });
for (const name of wanted) {
  const [folder, command, ...parameters] = CASES[name];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { 'content-type': contentType, 'content-encoding': contentEncoding } = request.headers;
    const recorded = { path: request.url, contentType, contentEncoding, body: body.toString('base64') };
    const file = path.join(fixtures, `${name}.${path.basename(request.url)}.json`);
    writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
    console.log(`${file}: ${body.length} bytes`);
    response.writeHead(200, { 'content-type': contentType }).end(contentType === 'application/json' ? '{}' : undefined);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  await run(
    command,
    parameters.map((word) => (word === 'URL' ? url : word)),
    { cwd: path.join(here, folder) },
  );
  server.close();
}
