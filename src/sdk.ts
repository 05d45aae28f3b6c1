import { createRequire } from 'node:module';
import path from 'node:path';
import type { ContextAPI, ContextManager, TraceAPI, TracerProvider } from '@opentelemetry/api';
import type { TracesExporter } from './config/config.ts';

/** What `register` needs of an OpenTelemetry SDK, in the shape that 2.x and 3.x share. */
export interface Sdk {
  TracerProvider: new (options: { spanProcessors: object[]; resource: object }) => TracerProvider;
  AsyncLocalStorageContextManager: new () => ContextManager;
  /** The API as the SDK has it. Since 1.10 what is required of it is another copy than what is imported. */
  api: { trace: TraceAPI; context: ContextAPI };
  /** The resource of the environment: `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`. */
  environmentResource(): object;
  /** Processors for the exporters the environment names; each takes its settings from the environment itself. */
  exportingProcessors(exporters: readonly TracesExporter[]): object[];
}

const OTLP_EXPORTERS: Record<Exclude<TracesExporter, 'console'>, string> = {
  'otlp http/json': '@opentelemetry/exporter-trace-otlp-http',
  'otlp http/protobuf': '@opentelemetry/exporter-trace-otlp-proto',
  'otlp grpc': '@opentelemetry/exporter-trace-otlp-grpc',
};

/**
 * Loads the app's OpenTelemetry SDK. Its parts are taken from the dependencies of `@opentelemetry/sdk-node`, so they
 * fit together whatever the version, and only the light ones are loaded: all of it takes three times as long.
 * @throws {Error} with what to install, if there is none.
 */
export function loadSdk(): Sdk {
  const fromSdk = createRequire(findSdkNode());
  const tracing = loadTracing(fromSdk);
  return {
    TracerProvider: tracing.TracerProvider,
    AsyncLocalStorageContextManager: fromSdk('@opentelemetry/context-async-hooks').AsyncLocalStorageContextManager,
    api: fromSdk('@opentelemetry/api'),
    environmentResource() {
      const { defaultResource, detectResources, envDetector } = fromSdk('@opentelemetry/resources');
      return defaultResource().merge(detectResources({ detectors: [envDetector] }));
    },
    exportingProcessors(exporters) {
      return exporters.map((name) => {
        if (name === 'console') return tracing.simpleProcessor(new tracing.ConsoleSpanExporter());
        const { OTLPTraceExporter } = fromSdk(OTLP_EXPORTERS[name]);
        return tracing.batchProcessor(new OTLPTraceExporter());
      });
    },
  };
}

interface Tracing {
  TracerProvider: Sdk['TracerProvider'];
  ConsoleSpanExporter: new () => object;
  simpleProcessor(exporter: object): object;
  batchProcessor(exporter: object): object;
}

/** `sdk-trace` is what 2.10 and later have; before, its parts had other names and processors took the exporter itself. */
function loadTracing(fromSdk: NodeJS.Require): Tracing {
  try {
    const { TracerProvider, ConsoleSpanExporter, SimpleSpanProcessor, BatchSpanProcessor } =
      fromSdk('@opentelemetry/sdk-trace');
    return {
      TracerProvider,
      ConsoleSpanExporter,
      simpleProcessor: (exporter) => new SimpleSpanProcessor({ exporter }),
      batchProcessor: (exporter) => new BatchSpanProcessor({ exporter }),
    };
  } catch {
    const { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor, BatchSpanProcessor } = fromSdk(
      '@opentelemetry/sdk-trace-base',
    );
    return {
      TracerProvider: BasicTracerProvider,
      ConsoleSpanExporter,
      simpleProcessor: (exporter) => new SimpleSpanProcessor(exporter),
      batchProcessor: (exporter) => new BatchSpanProcessor(exporter),
    };
  }
}

/** Where the app's `@opentelemetry/sdk-node` is: beside this package, else where the app runs. */
function findSdkNode(): string {
  for (const from of [import.meta.url, path.join(process.cwd(), 'app.js')]) {
    try {
      return createRequire(from).resolve('@opentelemetry/sdk-node');
    } catch {
      // Not there: the next place, then the message below.
    }
  }
  throw new Error('the package @opentelemetry/sdk-node is missing: run `npm install @opentelemetry/sdk-node`');
}
