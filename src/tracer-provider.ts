import {
  context,
  type ContextAPI,
  type ContextManager,
  type ProxyTracerProvider,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import type { Sdk } from './sdk.ts';

/** A span processor, as far as this file is concerned. */
type Processor = object;

/**
 * Makes `processor` see the spans of the process, whoever owns the tracer provider.
 *
 * Nothing is registered globally, so that an app which starts its own SDK later, as most do, finds the place free: our
 * provider is the delegate of the API's proxy until the app's replaces it and is given our processor. As nothing is
 * registered, each copy of the API has a proxy of its own: an app that requires the API must find the same as one that
 * imports it.
 * @param others those of the environment's exporters. They belong to our provider: an app's SDK brings its own.
 * @param onForeignProvider told of the provider our own spans can go to where the app's takes no processor.
 */
export function installProcessor(
  sdk: Sdk,
  processor: Processor,
  others: readonly Processor[],
  onForeignProvider: (fallback: TracerProvider) => void,
): void {
  const proxies = [...new Set([trace, sdk.api.trace].map((api) => api.getTracerProvider()))];
  const present = proxies.map((proxy) => (isProxy(proxy) ? proxy.getDelegate() : proxy));
  if (present.some((provider) => addProcessor(provider, processor))) return;

  const own = new sdk.TracerProvider({
    spanProcessors: [processor, ...others],
    resource: sdk.environmentResource(),
  });
  if (!proxies.every(isProxy)) return onForeignProvider(own);
  const manager = new sdk.AsyncLocalStorageContextManager();
  for (const api of new Set([context, sdk.api.context])) installContextManager(api, manager);
  const adopt = (provider: object): void => {
    if (!addProcessor(provider, processor)) onForeignProvider(own);
  };
  for (const proxy of proxies) {
    proxy.setDelegate(own);
    onSetDelegate(proxy, adopt);
  }
  onRegistration((registered) => {
    if (!proxies.some((proxy) => proxy === registered)) onSetDelegate(registered, adopt);
  });
}

type Proxy = Partial<ProxyTracerProvider>;

function isProxy(provider: TracerProvider): provider is ProxyTracerProvider {
  return 'setDelegate' in provider;
}

/** Tells of the provider that an app's SDK is about to put behind a proxy. */
function onSetDelegate(proxy: Proxy, tell: (provider: object) => void): void {
  const { setDelegate } = proxy;
  if (!setDelegate) return;
  proxy.setDelegate = (provider) => {
    tell(provider);
    setDelegate.call(proxy, provider);
  };
}

/**
 * Makes `manager` the one the API falls back to while none is registered. The context API has no proxy to set it
 * behind; where its fallback is not in the place known here, the manager is registered like any other.
 */
function installContextManager(api: ContextAPI, manager: ContextManager): void {
  if (registrations[API]?.context) return;
  const inside = api as unknown as { _getContextManager?: () => ContextManager };
  const { _getContextManager: registered } = inside;
  if (!registered) return void api.setGlobalContextManager(manager.enable());
  const none = registered.call(api);
  manager.enable();
  inside._getContextManager = () => {
    const current = registered.call(api);
    return current === none ? manager : current;
  };
}

/** Where all copies of the API in a process keep what is registered. */
const API = Symbol.for('opentelemetry.js.api.1');
interface Registrations {
  trace?: Proxy;
  context?: ContextManager;
}
const registrations = globalThis as { [API]?: Registrations };

/** Tells of the proxy that is registered: not ours where an app is bundled with a copy of the API of its own. */
function onRegistration(tell: (proxy: Proxy) => void): void {
  const present = registrations[API];
  if (present) return onAssignment(present, 'trace', tell);
  onAssignment(registrations, API, (made) => onAssignment(made, 'trace', tell));
}

/** Calls `tell` when the property, now unset, is set for the first time. */
function onAssignment<T extends object, K extends keyof T>(
  target: T,
  name: K,
  tell: (value: NonNullable<T[K]>) => void,
): void {
  if (target[name]) return;
  const common = { configurable: true, enumerable: true };
  Object.defineProperty(target, name, {
    get: () => undefined,
    set(value: T[K]) {
      Object.defineProperty(target, name, { value, writable: true, ...common });
      if (value) tell(value);
    },
    ...common,
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
