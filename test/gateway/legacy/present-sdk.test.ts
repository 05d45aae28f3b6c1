import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { calculateCost } from '../../../src/cost/index.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import type { Gateway } from '../../../src/gateway/server.ts';
import { jsonSpan, post, postSpans, recordingGateway, spanId, TRACE_ID, tracesRequest } from '../gateways.ts';
import { KEYS, runSdkApp } from './run-sdk-app.ts';
import { costOf, named, usageOf } from './sent-spans.ts';
import { startStandInLangfuse } from './stand-in-langfuse.ts';

const OTHER_KEYS = { publicKey: 'pk-lf-other', secretKey: 'sk-lf-other' };

/** The first run installs the SDK. */
test('the spans of the present SDK are priced on their way', { timeout: 150_000 }, async () => {
  const { gateway, delivery } = await recordingGateway();
  await runSdkApp('otel.mjs', gateway.url);
  const call = named(delivery.spans, 'call');
  expect(usageOf(call)).toEqual({ input: 1000, output: 200, total: 1200 });
  expect(costOf(call)?.['total']).toBe(calculateCost({ model: 'gpt-4o', usage: { input: 1000, output: 200 } }).usd);
  expect(named(delivery.spans, 'answer').parentSpanId).toBeUndefined();
});

/** With a project of each pair of keys. */
async function gatewayOfTwo(baseUrls: { default: string; other: string }): Promise<Gateway> {
  const { gateway } = await recordingGateway({
    projects: {
      default: { ...KEYS, baseUrl: baseUrls.default, spool: { directory: temporaryDirectory() } },
      other: { ...OTHER_KEYS, baseUrl: baseUrls.other, spool: { directory: temporaryDirectory() } },
    },
  });
  return gateway;
}

const basic = ({ publicKey, secretKey }: typeof KEYS): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`,
});

const NOWHERE = 'http://127.0.0.1:9';

test('they go to the project of their keys, whatever the routes say', async () => {
  const gateway = await gatewayOfTwo({ default: NOWHERE, other: NOWHERE });
  const send = (keys: typeof KEYS): Promise<Response> =>
    post(`${gateway.url}/api/public/otel/v1/traces`, tracesRequest([jsonSpan('call')]), basic(keys));
  expect((await send(OTHER_KEYS)).status).toBe(200);
  expect((await send({ ...OTHER_KEYS, secretKey: 'sk-lf-wrong' })).status).toBe(401);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(/received\w*\{project="other"\} 1\b/);
  expect(metrics).toMatch(/received\w*\{project="default"\} 0\b/);
});

test('nothing of a body is taken from whoever has no keys', async () => {
  const gateway = await gatewayOfTwo({ default: NOWHERE, other: NOWHERE });
  const { hostname, port } = new URL(gateway.url);
  const headers = { 'content-type': 'application/json', 'content-length': 1_000_000 };
  const request = http.request({ hostname, port, path: '/api/public/otel/v1/traces', method: 'POST', headers });
  request.on('error', () => {}).write('{');
  const answer = await new Promise<http.IncomingMessage>((resolve) => void request.on('response', resolve));
  expect(answer.statusCode).toBe(401);
  request.destroy();
});

describe('a project that knows the ids of a span of another', () => {
  const log = {
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                traceId: TRACE_ID,
                spanId: spanId('call'),
                timeUnixNano: '1750000000000000000',
                eventName: 'gen_ai.user.message',
                body: { kvlistValue: { values: [{ key: 'content', value: { stringValue: 'a secret' } }] } },
              },
            ],
          },
        ],
      },
    ],
  };

  test.each(['before', 'after'])('gets nothing that was said in it, sent %s its own', async (when) => {
    const [own, other] = [await startStandInLangfuse(), await startStandInLangfuse()];
    const gateway = await gatewayOfTwo({ default: own.baseUrl, other: other.baseUrl });
    const steps = [
      () => postSpans(gateway, [jsonSpan('call')]),
      () => post(`${gateway.url}/v1/logs`, log),
      () => post(`${gateway.url}/api/public/otel/v1/traces`, tracesRequest([jsonSpan('call')]), basic(OTHER_KEYS)),
    ];
    for (const step of when === 'before' ? steps.toReversed() : steps) expect((await step()).status).toBe(200);
    await gateway.close();
    const text = ({ spans }: typeof own): string => JSON.stringify([...spans.values()]);
    expect(text(own)).toContain('a secret');
    expect(text(other)).toContain('gpt-4o');
    expect(text(other)).not.toContain('a secret');
  });
});
