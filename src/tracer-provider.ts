import { context, type ProxyTracerProvider, trace, type TracerProvider } from '@opentelemetry/api';
import type { TracesExporter } from './config/config.ts';
import type { Sdk } from './sdk.ts';

/** A span processor, as far as this file is concerned. */
type Processor = object;

/**
 * Makes `processor` see the spans of the process, whoever owns the tracer provider.
 *
 * Ours is set as the delegate of the API's proxy and not registered as the global one, so that an app which starts its
 * own SDK later, as most do, finds the place free: its provider then replaces ours and is given our processor.
 * The exporters of the environment belong to our provider: an app's SDK brings its own.
 * @returns the provider our own spans can fall back to, where the app's takes no processor.
 */
export function installProcessor(
  sdk: Sdk,
  processor: Processor,
  exporters: readonly TracesExporter[],
  onForeignProvider: (fallback: TracerProvider) => void,
): void {
  const proxy = trace.getTracerProvider() as Partial<ProxyTracerProvider> & TracerProvider;
  const present = proxy.getDelegate?.() ?? proxy;
  if (addProcessor(present, processor)) return;

  const own = new sdk.TracerProvider({
    spanProcessors: [processor, ...sdk.exportingProcessors(exporters)],
    resource: sdk.environmentResource(),
  });
  const { setDelegate } = proxy;
  if (!setDelegate) return onForeignProvider(own);
  const contextManager = new sdk.AsyncLocalStorageContextManager();
  context.setGlobalContextManager(contextManager.enable());
  setDelegate.call(proxy, own);
  const adopt = (provider: object): void => {
    if (!addProcessor(provider, processor)) onForeignProvider(own);
  };
  onSetDelegate(proxy, adopt);
  onRegistration((registered) => onSetDelegate(registered, adopt));
}

type Proxy = Partial<ProxyTracerProvider>;

/** Tells of the provider that an app's SDK is about to put behind a proxy. */
function onSetDelegate(proxy: Proxy, tell: (provider: object) => void): void {
  const { setDelegate } = proxy;
  if (!setDelegate) return;
  proxy.setDelegate = (provider) => {
    tell(provider);
    setDelegate.call(proxy, provider);
  };
}

/** Where all copies of the API in a process keep what is registered. */
const API = Symbol.for('opentelemetry.js.api.1');

/** Tells of the proxy that is registered: not ours where an app is bundled with a copy of the API of its own. */
function onRegistration(tell: (proxy: Proxy) => void): void {
  const { [API]: api } = globalThis as { [API]?: { trace?: Proxy } };
  if (!api || api.trace) return;
  let registered: Proxy | undefined;
  Object.defineProperty(api, 'trace', {
    get: () => registered,
    set: (proxy: Proxy | undefined) => {
      if (proxy && proxy !== trace.getTracerProvider()) tell(proxy);
      registered = proxy;
    },
    configurable: true,
    enumerable: true,
  });
}

/**
 * Adds a processor to a running provider. The SDK has no public way to do so; its list of processors has had this
 * place in 2.x and 3.x, and where it has not, nothing is touched.
 */
function addProcessor(provider: object, processor: Processor): boolean {
  const { _activeSpanProcessor: active } = provider as { _activeSpanProcessor?: { _spanProcessors?: unknown } };
  const processors = active?._spanProcessors;
  if (!Array.isArray(processors)) return false;
  // First, because a flush or shutdown of ours ends the spans of calls whose reading was put off; the others get them too.
  if (!processors.includes(processor)) processors.unshift(processor);
  return true;
}
