// An app that requires the API and has no SDK: its spans go where the preload says.
const { trace } = require('@opentelemetry/api');

import('../../apps/call.mjs').then(({ call }) =>
  trace.getTracer('app').startActiveSpan('request', async (span) => {
    await call();
    span.end();
  }),
);
