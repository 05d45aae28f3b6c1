// Records what a Python client sends, byte for byte, as a fixture: node test/proxy/capture-python.mjs [python3]
// Takes Python 3 with the package of python/requirements.txt.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { startStandInProvider } from '../support/stand-in-provider.mjs';

const here = import.meta.dirname;
const [python = 'python3'] = process.argv.slice(2);

const provider = await startStandInProvider();
const requests = [];
const server = createServer((client) => {
  const upstream = connect(Number(new URL(provider.url).port), '127.0.0.1');
  let isNew = true;
  client.on('data', (bytes) => {
    // The client waits for each answer: what it sends after one is the next request.
    if (isNew) requests.push([]);
    isNew = false;
    requests.at(-1).push(bytes);
    upstream.write(bytes.toString('latin1').replace(' /openai/', ' /'), 'latin1');
  });
  upstream.on('data', (bytes) => {
    isNew = true;
    client.write(bytes);
  });
  client.on('close', () => upstream.destroy());
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
await promisify(execFile)(python, [path.join(here, 'python/calls.py'), `http://127.0.0.1:${server.address().port}`]);
server.close();
await provider.close();
const file = path.join(here, '../fixtures/proxy/python-openai.json');
const texts = requests.map((parts) => Buffer.concat(parts).toString());
writeFileSync(file, `${JSON.stringify(texts, null, 2)}\n`);
console.log(`${file}: ${texts.length} requests`);
