/** An app that traces itself: starts its own OpenTelemetry SDK and calls a model inside a span of its own. */
import { requestOf } from './requests.mjs';

/** @param {{ NodeSDK: any, trace: any }} modules of OpenTelemetry, as the app has them */
export async function runOwnSdkApp({ NodeSDK, trace }) {
  const exported = [];
  const traceExporter = {
    export(spans, done) {
      exported.push(...spans.map(({ name }) => name));
      done({ code: 0 });
    },
    async shutdown() {},
  };
  const sdk = new NodeSDK({ traceExporter, instrumentations: [] });
  sdk.start();
  await trace.getTracer('app').startActiveSpan('answer', async (span) => {
    const { address, ...request } = requestOf({ url: process.env.STAND_IN_URL, model: 'gpt-5-mini' }, 'plain');
    const response = await fetch(address, { method: 'POST', ...request });
    await response.json();
    span.end();
  });
  await sdk.shutdown();
  process.stdout.write(`${JSON.stringify({ scenarios: { exported }, events: [] })}\n`);
}
