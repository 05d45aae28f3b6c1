import { AsyncLocalStorage } from 'node:async_hooks';
import { type Attributes, type Context, context, createContextKey, propagation } from '@opentelemetry/api';
import { guard } from '../util/guard.ts';
import { fromBaggage, toBaggage } from './baggage.ts';
import { fromLangfuseSdk } from './langfuse-sdk.ts';

/** Who and what a piece of work belongs to: every LLM call inside carries it to Langfuse. */
export interface LlmContext {
  /** Who caused the calls: `user.id`. */
  userId?: string;
  /** Conversation or job that several traces belong to: `session.id`. */
  sessionId?: string;
  tags?: readonly string[];
  metadata?: Readonly<Record<string, string | number | boolean>>;
  traceName?: string;
  /** Product feature the cost is attributed to: the tag `feature:<name>` and `metadata.feature`. */
  feature?: string;
  /** The Langfuse prompt the calls were made from. */
  promptName?: string;
  promptVersion?: number;
  /** Version of the calling code. */
  version?: string;
}

const KEY = createContextKey('otel-langfuse LLM context');

/**
 * The values also travel without OpenTelemetry, in storage of the process: an app bundled with a copy of the API of its
 * own has no context manager unless it starts an SDK.
 */
const STORAGE = Symbol.for('otel-langfuse.context');
const shared = globalThis as { [STORAGE]?: AsyncLocalStorage<LlmContext> };
const storage = (shared[STORAGE] ??= new AsyncLocalStorage<LlmContext>());

let propagates = false;

/** Whether {@link withLlmContext} also writes baggage and baggage of other services is believed. Off by default. */
export function setContextPropagation(on: boolean): void {
  propagates = on;
}

/**
 * Runs `fn` with `values` on every LLM call and span inside it, over awaits, timers and streams. Nested calls
 * merge: inner values win, tags and metadata add up, and so do those of the Langfuse SDK's `propagateAttributes`. With `OTEL_LANGFUSE_PROPAGATE_CONTEXT=true` they also go to other
 * services as W3C baggage.
 *
 * @example
 * await withLlmContext({ userId: 'ada', feature: 'search' }, () => client.responses.create(...));
 */
export function withLlmContext<T>(values: LlmContext, fn: () => T): T {
  const entered = guard('context', () => contextWith(values));
  return entered ? storage.run(entered.merged, () => context.with(entered.carrying, fn)) : fn();
}

function contextWith(values: LlmContext): { merged: LlmContext; carrying: Context } {
  const active = context.active();
  const merged = merge(llmContextOf(active), values);
  const next = active.setValue(KEY, merged);
  const carrying = propagates ? propagation.setBaggage(next, toBaggage(merged, propagation.getBaggage(active))) : next;
  return { merged, carrying };
}

/** The values that hold in `from`, or else where this is called, if any. */
export function llmContextOf(from: Context): LlmContext | undefined {
  const own = (from.getValue(KEY) as LlmContext | undefined) ?? storage.getStore();
  const ofSdk = fromLangfuseSdk(from);
  if (own && ofSdk) return merge(ofSdk, own);
  if (own || ofSdk || !propagates) return own ?? ofSdk;
  const baggage = propagation.getBaggage(from);
  return baggage && fromBaggage(baggage);
}

function merge(outer: LlmContext | undefined, inner: LlmContext): LlmContext {
  if (!outer) return inner;
  return {
    ...outer,
    ...inner,
    tags: [...new Set([...(outer.tags ?? []), ...(inner.tags ?? [])])],
    metadata: { ...outer.metadata, ...inner.metadata },
  };
}

/** Span attributes for the values, under the names Langfuse reads from OTLP. */
export function llmContextAttributes(values: LlmContext): Attributes {
  const attributes: Attributes = {};
  const set = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) attributes[name] = value;
  };
  set('user.id', values.userId);
  set('session.id', values.sessionId);
  set('langfuse.trace.name', values.traceName);
  set('langfuse.version', values.version);
  set('langfuse.observation.prompt.name', values.promptName);
  set('langfuse.observation.prompt.version', values.promptVersion);
  const tags = [...(values.tags ?? []), ...(values.feature ? [`feature:${values.feature}`] : [])];
  if (tags.length > 0) attributes['langfuse.trace.tags'] = tags;
  for (const [key, value] of Object.entries(values.metadata ?? {}))
    attributes[`langfuse.trace.metadata.${key}`] = value;
  set('langfuse.trace.metadata.feature', values.feature);
  return attributes;
}
