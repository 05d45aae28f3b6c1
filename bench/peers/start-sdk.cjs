// What the documentation of the peers has a user write: the SDK with a batch processor and an OTLP exporter.
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');

exports.startSdk = function ({ instrumentations = [], processor = otlpProcessor(), wrap }) {
  new NodeSDK({ instrumentations, spanProcessors: [processor], metricReaders: [], logRecordProcessors: [] }).start();
  globalThis.bench = { flush: () => processor.forceFlush(), wrap };
};

function otlpProcessor() {
  return new BatchSpanProcessor(new OTLPTraceExporter({ url: `${process.env.BENCH_SINK}/v1/traces` }));
}
