import { expect, test } from 'vitest';
import { calculateCost } from '../../../src/cost/index.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { jsonSpan, post, recordingGateway, tracesRequest } from '../gateways.ts';
import { KEYS, runSdkApp } from './run-sdk-app.ts';
import { costOf, named, usageOf } from './sent-spans.ts';

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

test('they go to the project of their keys, whatever the routes say', async () => {
  const spool = { directory: temporaryDirectory() };
  const baseUrl = 'http://127.0.0.1:9';
  const { gateway } = await recordingGateway({
    projects: {
      default: { ...KEYS, baseUrl, spool },
      other: { ...OTHER_KEYS, baseUrl, spool },
    },
  });
  const send = (keys: { publicKey: string; secretKey: string }): Promise<Response> =>
    post(`${gateway.url}/api/public/otel/v1/traces`, tracesRequest([jsonSpan('call')]), {
      authorization: `Basic ${Buffer.from(`${keys.publicKey}:${keys.secretKey}`).toString('base64')}`,
    });
  expect((await send(OTHER_KEYS)).status).toBe(200);
  expect((await send({ ...OTHER_KEYS, secretKey: 'sk-lf-wrong' })).status).toBe(401);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(/received\w*\{project="other"\} 1\b/);
  expect(metrics).toMatch(/received\w*\{project="default"\} 0\b/);
});
