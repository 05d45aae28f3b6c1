import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readEvent, type SdkEvent } from '../../../src/gateway/legacy/event.ts';
import { SdkTraces } from '../../../src/gateway/legacy/sdk-traces.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { post, recordingGateway } from '../gateways.ts';
import { startGatewayProcess } from '../gateway-process.ts';
import { KEYS } from './run-sdk-app.ts';
import { attribute, lastOfEach, named, usageOf } from './sent-spans.ts';
import { startStandInLangfuse } from './stand-in-langfuse.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

let events = 0;
const event = (
  type: string,
  second: number,
  body: object,
): { id: string; type: string; timestamp: string; body: object } => ({
  id: `event ${events++}`,
  type,
  timestamp: at(second),
  body,
});
const CREATE = event('generation-create', 1, {
  id: 'call',
  traceId: TRACE_ID,
  name: 'call',
  model: 'gpt-4o',
  startTime: at(1),
  input: 'in',
  metadata: { a: 1, b: 1 },
});
const UPDATE = event('generation-update', 3, {
  id: 'call',
  traceId: TRACE_ID,
  model: 'gpt-4o-mini',
  endTime: at(3),
  output: 'out',
  metadata: { b: 2 },
  usage: { input: 10, output: 5 },
});
const TRACE = event('trace-create', 0, { id: TRACE_ID, name: 'run', timestamp: at(0), userId: 'one', tags: ['a'] });
const TRACE_LATER = event('trace-create', 4, {
  id: TRACE_ID,
  timestamp: at(4),
  userId: 'two',
  tags: ['b'],
  output: 'done',
});

const authorization = (publicKey: string, secretKey: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`,
});
const AUTHORISED = authorization(KEYS.publicKey, KEYS.secretKey);

interface Answer {
  successes: { id: string; status: number }[];
  errors: { id: string; status: number; message: string; error?: string }[];
}

async function send(url: string, batch: readonly unknown[]): Promise<Answer> {
  const response = await post(`${url}/api/public/ingestion`, { batch }, AUTHORISED);
  expect(response.status).toBe(207);
  return (await response.json()) as Answer;
}

describe('a batch', () => {
  test('bad events are named, good ones go on', async () => {
    const { gateway, delivery } = await recordingGateway();
    const bad = [
      'text',
      null,
      { ...CREATE, id: 'no body', body: 'x' },
      { ...CREATE, id: 'no such type', type: 'constructor' },
      { ...CREATE, id: 'no id', body: { name: 'x' } },
      { ...CREATE, id: 'id too long', body: { id: 'x'.repeat(1_000) } },
      { ...CREATE, id: 7 },
    ];
    const log = event('sdk-log', 1, { log: 'x' });
    const { successes, errors } = await send(gateway.url, [TRACE, ...bad, CREATE, log, UPDATE]);
    expect(successes).toEqual([TRACE, CREATE, log, UPDATE].map(({ id }) => ({ id, status: 201 })));
    expect(errors.map(({ id, status }) => [id, status])).toEqual(
      ['unknown', 'unknown', 'no body', 'no such type', 'no id', 'id too long', 'unknown'].map((id) => [id, 400]),
    );
    expect(
      lastOfEach(delivery.spans)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['call', 'run']);
  });

  test('odd fields cost only themselves', async () => {
    const { gateway, delivery } = await recordingGateway();
    const body = JSON.parse(
      '{"id":"odd","traceId":7,"name":{},"startTime":"never","endTime":[],"model":1,"modelParameters":"x","level":"LOUD",' +
        '"usage":"many","metadata":["x"],"tags":"x","parentObservationId":0,"input":{"__proto__":{"polluted":true}}}',
    ) as object;
    const { errors } = await send(gateway.url, [event('span-create', 1, body)]);
    expect(errors).toEqual([]);
    const [span] = delivery.spans;
    expect(span?.attributes).toMatchObject({
      'langfuse.observation.input': '{"__proto__":{"polluted":true}}',
      'langfuse.observation.metadata.metadata': '["x"]',
    });
    expect(Object.keys(span?.attributes ?? {}).filter((name) => /model|level|tags/.test(name))).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each<[string, string | Buffer, number]>([
    ['no JSON', 'batch', 400],
    ['no batch', '{}', 400],
    ['no list', '{"batch":{}}', 400],
    ['nested too deep', `{"batch":[${'['.repeat(100_000)}`, 400],
    ['too large', Buffer.alloc(2 * 1024 * 1024, ' '), 413],
  ])('%s is refused whole', async (_, body, status) => {
    const { gateway } = await recordingGateway({ limits: { bodyBytes: 1024 * 1024 } });
    expect((await post(`${gateway.url}/api/public/ingestion`, body, AUTHORISED)).status).toBe(status);
  });

  test('keys say the project; others are refused', async () => {
    const langfuse = await startStandInLangfuse();
    const project = (publicKey: string): object => ({
      publicKey,
      secretKey: KEYS.secretKey,
      baseUrl: langfuse.baseUrl,
      spool: { directory: temporaryDirectory() },
    });
    const { gateway } = await recordingGateway({
      token: 'the token of the gateway',
      projects: { default: project('pk-one'), other: project('pk-two') },
    });
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await post(`${gateway.url}/api/public/ingestion`, { batch: [] }, headers)).status;
    expect(await statusWith(authorization('pk-two', KEYS.secretKey))).toBe(207);
    for (const headers of [
      {},
      authorization('pk-two', 'sk-other'),
      authorization('pk-three', KEYS.secretKey),
      { authorization: 'Bearer the token of the gateway' },
    ])
      expect(await statusWith(headers)).toBe(401);
    expect((await fetch(`${gateway.url}/api/public/traces`)).status).toBe(401);
    expect(langfuse.asked).toEqual([]);
    await fetch(`${gateway.url}/api/public/../../admin`, { headers: authorization('pk-one', KEYS.secretKey) });
    await fetch(`${gateway.url}/api/public/%2e%2e/admin`, { headers: authorization('pk-one', KEYS.secretKey) });
    expect(langfuse.asked).toEqual([]);
  });

  test('scores that Langfuse cannot take now are errors, and nothing else is', async () => {
    const { gateway, delivery } = await recordingGateway({
      projects: {
        default: { ...KEYS, baseUrl: 'http://127.0.0.1:1', spool: { directory: temporaryDirectory() } },
      },
    });
    const score = event('score-create', 2, { traceId: TRACE_ID, name: 'quality', value: 1 });
    const { successes, errors } = await send(gateway.url, [CREATE, score]);
    expect(successes).toEqual([{ id: CREATE.id, status: 201 }]);
    expect(errors).toEqual([{ id: score.id, status: 502, message: expect.stringContaining('ECONNREFUSED') }]);
    expect(delivery.spans).toEqual([]);
  });

  test.each([
    ['breaks off', (socket: Socket) => socket.destroy()],
    ['does not come to its end', () => {}],
  ])('an answer of Langfuse that %s is one, too', async (_, then) => {
    const langfuse = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(207).write('{', () => then(request.socket));
      });
    });
    await new Promise<void>((resolve) => void langfuse.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      langfuse.closeAllConnections();
      langfuse.close();
    });
    const baseUrl = `http://127.0.0.1:${(langfuse.address() as AddressInfo).port}`;
    const { gateway } = await recordingGateway({
      projects: { default: { ...KEYS, baseUrl, spool: { directory: temporaryDirectory() } } },
    });
    const score = event('score-create', 2, { traceId: TRACE_ID, name: 'quality', value: 1 });
    const { errors } = await send(gateway.url, [score]);
    expect(errors).toEqual([
      { id: score.id, status: 502, message: expect.stringContaining('did not come to its end') },
    ]);
  });
});

const readEvents = (batch: readonly object[]): SdkEvent[] => batch.map(readEvent).filter((each) => 'kind' in each);
const spansOfTrace = (length: number): object[] =>
  Array.from({ length }, (_, index) => event('span-create', 1, { id: `span ${index}`, traceId: TRACE_ID }));

describe('one trace with all that fits into a batch is taken as fast as it comes', () => {
  test('events about the trace between those about its spans', () => {
    const users = Array.from({ length: 20_000 }, (_, index) =>
      event('trace-create', 2, { id: TRACE_ID, userId: `user ${index}` }),
    );
    const sent = new SdkTraces().apply(readEvents([...spansOfTrace(20_000), ...users]));
    expect(sent).toHaveLength(20_001);
    expect(new Set(sent.map(({ attributes }) => attributes['user.id']))).toEqual(new Set(['user 19999']));
  });

  test('tags, of which there is an end', () => {
    const tags = Array.from({ length: 200_000 }, (_, index) => `tag ${index}`);
    const sent = new SdkTraces().apply(
      readEvents([event('trace-create', 0, { id: TRACE_ID, tags }), ...spansOfTrace(2_000)]),
    );
    expect(sent.at(-1)?.attributes['langfuse.trace.tags']).toEqual(tags.slice(0, 200));
  });
});

const LATE = { model: 'gpt-4o-mini', input: 'in', output: 'out', a: 1, b: 2 };
const said = (span: ReturnType<typeof named>): object => ({
  model: attribute(span, 'observation.model.name'),
  input: attribute(span, 'observation.input'),
  output: attribute(span, 'observation.output'),
  a: attribute(span, 'observation.metadata.a'),
  b: attribute(span, 'observation.metadata.b'),
});

/** What Langfuse has after these batches, an update sent again as long as what it updates is not there. */
function finalOf(batches: readonly (readonly object[])[]): object {
  const traces = new SdkTraces();
  const final = new Map<string, object>();
  let waiting: ReturnType<SdkTraces['sort']>['early'] = [];
  for (const batch of batches) {
    const read = batch.map(readEvent).filter((each) => 'kind' in each);
    const { ready, early } = traces.sort([...waiting, ...read]);
    waiting = early;
    for (const span of traces.apply(ready)) {
      const { name, attributes, endTime, parentSpanId } = span;
      const tags = (attributes['langfuse.trace.tags'] as string[] | undefined)?.toSorted();
      const sent = { name, attributes: { ...attributes, 'langfuse.trace.tags': tags }, endTime, parentSpanId };
      final.set(span.spanContext().spanId, withoutMarks(sent));
    }
  }
  expect(waiting).toEqual([]);
  return Object.fromEntries(final);
}

describe('events about the same', () => {
  test.each([
    ['in one batch', [[CREATE, UPDATE]]],
    ['the wrong way round in one batch', [[UPDATE, CREATE]]],
    ['in two batches', [[CREATE], [UPDATE]]],
    ['sent again', [[CREATE], [UPDATE], [CREATE], [CREATE, UPDATE]]],
  ])('%s are one span', async (_, batches) => {
    const { gateway, delivery } = await recordingGateway();
    for (const batch of batches) await send(gateway.url, batch);
    const span = named(lastOfEach(delivery.spans), 'call');
    expect(said(span)).toEqual(LATE);
    expect(usageOf(span)).toEqual({ input: 10, output: 5, total: 15 });
    expect([span.startTimeUnixNano, span.endTimeUnixNano]).toEqual(
      [1, 3].map((second) => String(BigInt(Date.parse(at(second))) * 1_000_000n)),
    );
  });

  test('an update waits for what it updates', async () => {
    const { gateway, delivery } = await recordingGateway();
    const early = send(gateway.url, [UPDATE]);
    await new Promise((resolve) => void setTimeout(resolve, 100));
    expect(delivery.spans).toEqual([]);
    await send(gateway.url, [CREATE]);
    expect((await early).errors).toEqual([]);
    expect(said(named(lastOfEach(delivery.spans), 'call'))).toEqual(LATE);
  });

  test('an update of what never comes goes as it is, and says so; what comes later is no second span', async () => {
    const { gateway, delivery } = await recordingGateway();
    await send(gateway.url, [UPDATE]);
    const [first] = delivery.spans;
    expect(attribute(first as never, 'observation.metadata.start_assumed')).toBe(true);
    await send(gateway.url, [CREATE]);
    const span = named(lastOfEach(delivery.spans), 'call');
    expect(said(span)).toEqual(LATE);
    expect(attribute(span, 'observation.metadata.start_time')).toBe(at(1));
  });

  test('what is said later of a trace is said of all its spans', async () => {
    const { gateway, delivery } = await recordingGateway();
    await send(gateway.url, [CREATE]);
    expect(named(delivery.spans, 'call').parentSpanId).toBeUndefined();
    await send(gateway.url, [TRACE, UPDATE]);
    await send(gateway.url, [TRACE_LATER]);
    const spans = lastOfEach(delivery.spans);
    expect(spans.map((span) => span.attributes['user.id'])).toEqual(['two', 'two']);
    expect(named(spans, 'call').parentSpanId).toBe(named(spans, 'run').spanId);
    expect(attribute(named(spans, 'run'), 'trace.output')).toBe('done');
  });

  test('the order and the batches in which they come make no difference', () => {
    const spanEvents = [1, 2, 3].flatMap((n) => [
      event('span-create', n, { id: `span ${n}`, traceId: TRACE_ID, name: `span ${n}`, startTime: at(n), input: n }),
      event('span-update', n + 10, { id: `span ${n}`, endTime: at(n + 10), output: n, metadata: { n } }),
    ]);
    const all = [TRACE, TRACE_LATER, ...spanEvents];
    const order = fc.shuffledSubarray(all, { minLength: all.length });
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: all.length });
    const expected = finalOf([all]);
    fc.assert(
      fc.property(order, sizes, (shuffled, lengths) => {
        const rest = [...shuffled];
        const batches = lengths.map((length) => rest.splice(0, length)).filter((batch) => batch.length > 0);
        expect(finalOf(batches)).toEqual(expected);
      }),
    );
  });
});

/** `unfinished` is there, and false, only of a span that went before its end was known. */
function withoutMarks({ attributes, ...span }: { attributes: Record<string, unknown> }): object {
  const { 'langfuse.observation.metadata.unfinished': _, ...rest } = attributes;
  return { ...span, attributes: rest };
}

describe('a gateway that is killed', () => {
  test('goes on with what it knew', async () => {
    const langfuse = await startStandInLangfuse();
    const env = {
      LANGFUSE_BASE_URL: langfuse.baseUrl,
      LANGFUSE_PUBLIC_KEY: KEYS.publicKey,
      LANGFUSE_SECRET_KEY: KEYS.secretKey,
      OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory(),
    };
    const costly = event('generation-create', 1, {
      id: 'costly',
      traceId: TRACE_ID,
      name: 'costly',
      model: 'gpt-4o',
      startTime: at(1),
      usage: { input: 3, output: 4, totalCost: 0.5 },
    });
    const counted = event('generation-create', 1, {
      ...(costly.body as object),
      id: 'counted',
      name: 'counted',
      usage: { input: 3 },
    });
    const first = await startGatewayProcess(env);
    await send(first.url, [TRACE, CREATE, costly, counted]);
    await first.end('SIGKILL');
    const second = await startGatewayProcess(env);
    await send(second.url, [UPDATE, event('generation-update', 5, { id: 'costly', endTime: at(5) })]);
    await send(second.url, [event('generation-update', 5, { id: 'counted', endTime: at(5), model: 'gpt-4o-mini' })]);
    await send(second.url, [TRACE_LATER]);
    await second.end('SIGTERM');
    const spans = [...langfuse.spans.values()];
    expect(spans.map(({ name }) => name).toSorted()).toEqual(['call', 'costly', 'counted', 'run']);
    const [run, call] = [named(spans, 'run'), named(spans, 'call')];
    expect(call).toMatchObject({ parentSpanId: run.spanId });
    expect(attribute(call, 'observation.input')).toBe('in');
    expect(usageOf(call)).toEqual({ input: 10, output: 5, total: 15 });
    expect(attribute(call, 'observation.metadata.unfinished')).toBe(false);
    for (const span of spans) expect(span.attributes['user.id']).toBe('two');
    expect(usageOf(named(spans, 'costly'))).toEqual({ input: 3, output: 4, total: 7 });
    expect(attribute(named(spans, 'costly'), 'observation.metadata.cost_usd')).toBe('0.5');
    // Priced anew: the model is another now.
    expect(attribute(named(spans, 'counted'), 'observation.metadata.cost_usd')).toBe('0.00000045');
  });
});
