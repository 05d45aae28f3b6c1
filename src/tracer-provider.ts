import { context, type ProxyTracerProvider, trace, type TracerProvider } from '@opentelemetry/api';
import type { Sdk } from './sdk.ts';

/** A span processor, as far as this file is concerned. */
type Processor = object;

/**
 * Makes `processor` see the spans of the process, whoever owns the tracer provider.
 *
 * Ours is set as the delegate of the API's proxy and not registered as the global one, so that an app which starts its
 * own SDK later, as most do, finds the place free: its provider then replaces ours and is given our processor.
 * @returns the provider our own spans can fall back to, where the app's takes no processor.
 */
export function installProcessor(
  sdk: Sdk,
  processor: Processor,
  onForeignProvider: (fallback: TracerProvider) => void,
): void {
  const proxy = trace.getTracerProvider() as Partial<ProxyTracerProvider> & TracerProvider;
  const present = proxy.getDelegate?.() ?? proxy;
  if (addProcessor(present, processor)) return;

  const own = new sdk.TracerProvider({ spanProcessors: [processor], resource: sdk.environmentResource() });
  const { setDelegate } = proxy;
  if (!setDelegate) return onForeignProvider(own);
  const contextManager = new sdk.AsyncLocalStorageContextManager();
  context.setGlobalContextManager(contextManager.enable());
  setDelegate.call(proxy, own);
  proxy.setDelegate = (provider) => {
    if (!addProcessor(provider, processor)) onForeignProvider(own);
    setDelegate.call(proxy, provider);
  };
}

/**
 * Adds a processor to a running provider. The SDK has no public way to do so; its list of processors has had this
 * place in 2.x and 3.x, and where it has not, nothing is touched.
 */
function addProcessor(provider: object, processor: Processor): boolean {
  const { _activeSpanProcessor: active } = provider as { _activeSpanProcessor?: { _spanProcessors?: unknown } };
  const processors = active?._spanProcessors;
  if (!Array.isArray(processors)) return false;
  if (!processors.includes(processor)) processors.push(processor);
  return true;
}
