/** An app with another instrumentation: `node app.mjs <instrumentor>`. With `OWN_SDK` it has an SDK and spans of its own. */
import { trace } from '@opentelemetry/api';
import { runScenarios } from '../../behaviour/run-scenarios.mjs';
import { INSTRUMENTORS } from './instrumentors.mjs';

const scenarios = await INSTRUMENTORS[process.argv[2] ?? process.env.INSTRUMENTOR]();

/** As the span of a request to a server would be. */
const inSpan = (name, run) =>
  trace.getTracer('app').startActiveSpan(name, async (span) => {
    try {
      return await run(name);
    } finally {
      span.end();
    }
  });

const run = process.env.OWN_SDK ? inSpan : (name, scenario) => scenario(name);
await runScenarios([Object.entries(scenarios).map(([name, scenario]) => [name, () => run(name, scenario)])]);
