// An app whose calls of a model are the same whatever throws in the package that watches them.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import { withLlmContext } from 'otel-langfuse';

const url = `${process.env.STAND_IN_URL}/v1/chat/completions`;
const [index, parts] = process.argv[2].split('/').map(Number);
const headers = { 'content-type': 'application/json' };
const bodyOf = (more) =>
  JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Weather?' }], ...more });
/** Without what is new in each answer of the stand-in. */
const told = (text) => text.replaceAll(/"(?:id|created)":\s*("[^"]*"|\d+)/g, '"…"');

const CALLS = {
  async json() {
    const response = await fetch(url, { method: 'POST', headers, body: bodyOf() });
    return [response.status, told(JSON.stringify(await response.json()))];
  },
  async stream() {
    const body = bodyOf({ stream: true, stream_options: { include_usage: true } });
    const response = await fetch(url, { method: 'POST', headers, body });
    let text = '';
    for await (const chunk of response.body) text += Buffer.from(chunk).toString();
    return [response.status, told(text)];
  },
  http: () =>
    new Promise((resolve, reject) => {
      const request = http.request(url, { method: 'POST', headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve([response.statusCode, told(text)]));
      });
      request.on('error', reject);
      request.end(bodyOf());
    }),
  async failure() {
    const response = await fetch(`${process.env.STAND_IN_URL}/v1/nowhere/chat/completions`, {
      method: 'POST',
      headers,
      body: '{',
    });
    return [response.status];
  },
  unreachable: () =>
    fetch('http://127.0.0.1:9/v1/chat/completions', { method: 'POST', headers, body: bodyOf() }).then(
      () => 'answered',
      (error) => [error.name, error.message],
    ),
  inContext: async () => withLlmContext({ userId: 'ada', tags: ['beta'] }, CALLS.json),
};

async function scenario() {
  const called = Object.entries(CALLS).map(async ([name, call]) => {
    const outcome = (async () => call())().catch((error) => `threw ${inspect(error)}`);
    return [name, await Promise.race([outcome, pause(2000, 'never returned')])];
  });
  const results = Object.fromEntries(await Promise.all(called));
  // Calls are read after some 20 ms, spans after 25 more, and appended 25 ms later.
  await pause(90);
  return results;
}

const loose = [];
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => loose.push(`${event}: ${error?.stack}`));
}

await scenario();
// What is reached by calls, not by the start.
faults.reached.clear();
const expected = await scenario();
const names = [...faults.reached].sort().filter((_, place) => place % parts === index);
const wrong = [];
let injected = 0;
for (const name of names) {
  faults.throwIn(name);
  const results = await scenario();
  injected += Math.min(faults.hits, 1);
  faults.throwIn(undefined);
  if (!isDeepStrictEqual(results, expected)) wrong.push({ name, results });
  if (loose.length > 0) wrong.push({ name, loose: loose.splice(0) });
}
console.log(JSON.stringify({ tried: names.length, injected, wrong }));
process.exit(0);
