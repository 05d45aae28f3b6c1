import { createRequire } from 'node:module';
import path from 'node:path';
import type { ContextManager, TracerProvider } from '@opentelemetry/api';

/** What `register` needs of an OpenTelemetry SDK, in the shape that 2.x and 3.x share. */
export interface Sdk {
  TracerProvider: new (options: { spanProcessors: object[]; resource: object }) => TracerProvider;
  AsyncLocalStorageContextManager: new () => ContextManager;
  /** The resource of the environment: `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`. */
  environmentResource(): object;
  /** Loads the whole `NodeSDK`, for those whose environment asks for more than Langfuse. */
  startNodeSdk(): { shutdown(): Promise<void> };
}

/**
 * Loads the app's OpenTelemetry SDK. Its parts are taken from the dependencies of `@opentelemetry/sdk-node`, so they
 * fit together whatever the version, and only the light ones are loaded: all of it takes three times as long.
 * @throws {Error} with what to install, if there is none.
 */
export function loadSdk(): Sdk {
  const fromSdk = createRequire(findSdkNode());
  return {
    TracerProvider: fromSdk('@opentelemetry/sdk-trace').TracerProvider,
    AsyncLocalStorageContextManager: fromSdk('@opentelemetry/context-async-hooks').AsyncLocalStorageContextManager,
    environmentResource() {
      const { defaultResource, detectResources, envDetector } = fromSdk('@opentelemetry/resources');
      return defaultResource().merge(detectResources({ detectors: [envDetector] }));
    },
    startNodeSdk() {
      const { NodeSDK } = fromSdk('@opentelemetry/sdk-node');
      const sdk = new NodeSDK();
      sdk.start();
      return sdk;
    },
  };
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
