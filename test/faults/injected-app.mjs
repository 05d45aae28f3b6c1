// An app whose calls of a model are the same whatever throws in the package that watches them.
import { setTimeout as pause } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import { PARTS } from './injected-calls.mjs';

const { files, begin, calls } = PARTS[process.argv[2]];
/** What is put off is done by then: calls are read after some 20 ms, spans after 25 more, and appended 25 ms later. */
const PUT_OFF_MS = 100;
/** Once a fault was met, what follows of it is there by then. */
const FOLLOWS_MS = 10;
/** A call that takes so long, on a busy machine, has no end. */
const NEVER_MS = 15_000;

/**
 * What the app itself calls in place of the original, and what makes sure that the original is called: their own first
 * statement can be guarded by nobody.
 */
const UNGUARDED = new Set([
  'context/llm-context withLlmContext',
  'instrumentation/response-tap get',
  'instrumentation/stream-tap iterate',
  'instrumentation/stream-tap watched',
  'instrumentation/stream-tap readableOf',
  'instrumentation/exchange begin',
  'instrumentation/exchange chunk',
  'instrumentation/exchange text',
  'instrumentation/exchange parsed',
  'instrumentation/exchange end',
  'instrumentation/fetch surely',
  'instrumentation/fetch outcomeOf',
  'exporter/span-processor onStart',
  'exporter/span-processor onEnd',
  'exporter/span-processor #process',
]);

async function scenario(fault) {
  const end = await begin();
  faults.reached.clear();
  faults.throwIn(fault);
  const called = Object.entries(calls).map(async ([name, call]) => {
    const outcome = (async () => call())().catch((error) => `threw ${inspect(error)}`);
    return [name, await Promise.race([outcome, pause(NEVER_MS, 'never returned')])];
  });
  const results = Object.fromEntries(await Promise.all(called));
  for (let waited = 0; waited < PUT_OFF_MS && faults.hits === 0; waited += FOLLOWS_MS) await pause(FOLLOWS_MS);
  await pause(FOLLOWS_MS);
  faults.throwIn(undefined);
  const reached = [...faults.reached];
  await end();
  return { results, reached };
}

const loose = [];
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => loose.push(`${event}: ${error?.stack}`));
}

await scenario();
const { results: expected, reached } = await scenario();
const names = reached.filter((name) => files.test(name) && !UNGUARDED.has(name)).sort();
const wrong = [];
const missed = [];
for (const name of names) {
  const { results } = await scenario(name);
  if (faults.hits === 0) missed.push(name);
  if (!isDeepStrictEqual(results, expected)) wrong.push({ name, results });
  if (loose.length > 0) wrong.push({ name, loose: loose.splice(0) });
}
console.log(JSON.stringify({ expected, tried: names.length, missed, wrong }));
process.exit(0);
