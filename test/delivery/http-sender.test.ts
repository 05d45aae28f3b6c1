import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { httpSender } from '../../src/delivery/http-sender.ts';
import { type LangfuseSink, startSink } from '../support/langfuse-sink.ts';

/** What HTTP instrumentations ask before they trace a request. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

const REQUEST_START = 'http.client.request.start';

describe('whether an HTTP instrumentation traces our own requests', () => {
  const original = http.request;
  let sink: LangfuseSink;
  let suppressed: unknown[];
  const look = (): void => void suppressed.push(context.active().getValue(SUPPRESS_TRACING));

  beforeEach(async () => {
    sink = await startSink();
    suppressed = [];
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });

  afterEach(async () => {
    unsubscribe(REQUEST_START, look);
    vi.restoreAllMocks();
    context.disable();
    await sink.close();
  });

  function send(): Promise<unknown> {
    const sender = httpSender({ baseUrl: sink.baseUrl, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' });
    return sender.send([Buffer.from('{"scopeSpans":[]}')], new AbortController().signal);
  }

  test('one that wraps node:http is told not to', async () => {
    const wrapped = vi.spyOn(http, 'request').mockImplementation(((...args: Parameters<typeof original>) => {
      look();
      return original(...args);
    }) as typeof original);
    Object.assign(wrapped, { __wrapped: true });
    await send();
    expect(suppressed).toEqual([true]);
  });

  test('one that listens to the diagnostics channel is told not to', async () => {
    subscribe(REQUEST_START, look);
    await send();
    expect(suppressed).toEqual([true]);
  });

  test('without one, no async context is entered, which the app would pay for', async () => {
    const entered = vi.spyOn(context, 'with');
    await send();
    expect(sink.requests).toHaveLength(1);
    expect(entered).not.toHaveBeenCalled();
  });
});
