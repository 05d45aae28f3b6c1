// The app that is measured: calls of the openai client, one after the other, over one connection kept alive. CommonJS,
// which every instrumentation can hook. A variant comes as a `--require`d file; it may leave two functions on `globalThis.bench`.
const { OpenAI } = require('openai');

const { wrap = (client) => client, flush = async () => {} } = globalThis.bench ?? {};

async function main() {
  const { CASES } = await import('./cases.mjs');
  const name = process.env.BENCH_CASE;
  const { request, calls, warmUp } = CASES[name];
  const client = wrap(
    new OpenAI({
      apiKey: 'sk-bench',
      baseURL: `${process.env.BENCH_PROVIDER}/v1`,
      defaultHeaders: { 'x-bench-case': name },
      maxRetries: 0,
    }),
  );

  async function call() {
    const answer = await client.chat.completions.create(request);
    if (!request.stream) return answer.choices[0].message.content.length;
    let length = 0;
    for await (const chunk of answer) length += chunk.choices[0]?.delta.content?.length ?? 0;
    return length;
  }

  for (let count = 0; count < warmUp; count++) await call();
  await flush();

  const latencies = new Float64Array(calls);
  const usageBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (let count = 0; count < calls; count++) {
    const calledAt = performance.now();
    await call();
    latencies[count] = performance.now() - calledAt;
  }
  const wall = performance.now() - startedAt;
  await flush();
  const { user, system } = process.cpuUsage(usageBefore);
  process.send({
    wall: (wall * 1000) / calls,
    latency: latencies.sort()[calls >> 1] * 1000,
    cpu: (user + system) / calls,
  });
  process.disconnect();
}

main();
