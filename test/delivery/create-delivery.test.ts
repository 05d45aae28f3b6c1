import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import path from 'node:path';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createDelivery, type DeliveryOptions, spoolFolder } from '../../src/delivery/create-delivery.ts';
import type { DeliveryCounters, DurableDelivery } from '../../src/delivery/delivery.ts';
import { readSpool, type SpooledRecord, spoolStatus } from '../../src/delivery/read-spool.ts';
import { setLogLevel } from '../../src/util/diagnostics.ts';
import { ACCEPT, BAD_REQUEST, type LangfuseSink, startSink } from '../support/langfuse-sink.ts';
import { spanIds, spanRecord } from '../support/spans.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const records = (ids: readonly string[]): string[] => ids.map((id) => spanRecord(id));

function expectBalanced(counters: DeliveryCounters): void {
  const { accepted, delivered, spooled, deadLettered, dropped, droppedByReason } = counters;
  expect(accepted).toBe(delivered + spooled + deadLettered + dropped);
  expect(dropped).toBe(Object.values(droppedByReason).reduce((sum, count) => sum + count, 0));
}

async function waitFor(condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
}

describe('delivery', () => {
  let sink: LangfuseSink;
  let directory: string;

  beforeEach(async () => {
    setLogLevel('silent');
    sink = await startSink();
    directory = temporaryDirectory();
  });
  afterEach(async () => {
    await sink.close();
    setLogLevel('info');
  });

  const options = (spool: Partial<DeliveryOptions['spool']> = {}, publicKey = 'pk-lf-1'): DeliveryOptions => ({
    destination: { baseUrl: sink.baseUrl, publicKey, secretKey: 'sk-lf-1' },
    spool: { directory, durability: 'batch', maxBytes: 1e8, maxAgeMs: DAY_MS, ...spool },
  });
  const spooled = async (): Promise<SpooledRecord[]> => {
    const found: SpooledRecord[] = [];
    for await (const record of readSpool(directory)) found.push(record);
    return found;
  };
  const local = (): DeliveryOptions => ({ ...options(), destination: undefined });
  const create = (given: DeliveryOptions = options()): DurableDelivery => {
    const delivery = createDelivery(given);
    onTestFinished(async () => void (await delivery.shutdown(0)));
    return delivery;
  };

  test('brings records to the OTLP endpoint with the headers Langfuse reads', async () => {
    const delivery = create();
    delivery.accept(records(spanIds(300)));
    const { outcome, counters } = await delivery.forceFlush(5000);
    expect(outcome).toBe('delivered');
    expect(sink.accepted).toEqual(spanIds(300));
    expect(counters).toMatchObject({ accepted: 300, delivered: 300, spooled: 0 });
    expect(sink.requests[0]?.url).toBe('/api/public/otel/v1/traces');
    expect(sink.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${btoa('pk-lf-1:sk-lf-1')}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'x-langfuse-ingestion-version': '4',
      'x-langfuse-sdk-name': 'otel-langfuse',
      'x-langfuse-public-key': 'pk-lf-1',
    });
  });

  test('appends within 50 ms, sends by itself and cleans up', async () => {
    const delivery = create();
    delivery.accept(records(spanIds(1)));
    await waitFor(() => spoolStatus(directory)[0]?.processes.living === 1, 500);
    await waitFor(() => delivery.counters().delivered === 1);
    await delivery.shutdown();
    expect(spoolStatus(directory)[0]?.processes).toEqual({ living: 0, dead: 0 });
  });

  test('no request is larger than 3.5 MB', async () => {
    const delivery = create();
    const content = 'x'.repeat(90_000);
    delivery.accept(spanIds(100).map((id) => spanRecord(id, content)));
    await delivery.forceFlush(5000);
    expect(sink.accepted.toSorted()).toEqual(spanIds(100));
    expect(Math.max(...sink.requests.map(({ body }) => Buffer.byteLength(body)))).toBeLessThanOrEqual(3_500_000);
  });

  test.each([
    ['HTTP 500', { status: 500 }],
    ['HTTP 429', { status: 429, headers: { 'retry-after': '0' } }],
    ['a closed connection', 'cut'],
  ] as const)('%s costs nothing', async (_, failure) => {
    sink.answer = () => (sink.requests.length <= 2 ? failure : ACCEPT);
    const delivery = create();
    delivery.accept(records(spanIds(100)));
    const { outcome, counters } = await delivery.forceFlush(10_000);
    expect(outcome).toBe('delivered');
    expect(sink.accepted).toEqual(spanIds(100));
    expectBalanced(counters);
  });

  test('a flush returns in time when the server hangs; the records are on disk', async () => {
    sink.answer = () => 'hang';
    const delivery = create();
    delivery.accept(records(spanIds(3)));
    const start = Date.now();
    const { outcome, counters } = await delivery.forceFlush(200);
    expect(Date.now() - start).toBeLessThan(1000);
    expect(outcome).toBe('durable');
    expect(counters.spooled).toBe(3);
  });

  test('refused keys: a flush does not wait in vain, and nothing is lost', async () => {
    sink.answer = () => ({ status: 401, body: { message: 'Invalid credentials' } });
    const delivery = create();
    delivery.accept(records(spanIds(3)));
    const start = Date.now();
    expect((await delivery.forceFlush(10_000)).outcome).toBe('durable');
    expect(Date.now() - start).toBeLessThan(2000);
    sink.answer = () => ACCEPT;
    expect((await delivery.forceFlush(5000)).outcome).toBe('delivered');
    expect(sink.accepted).toEqual(spanIds(3));
  });

  test('a redirect is not followed: the keys stay here', async () => {
    const other = await startSink();
    sink.answer = () => ({ status: 307, headers: { location: `${other.baseUrl}/api/public/otel/v1/traces` } });
    const delivery = create();
    delivery.accept(records(spanIds(1)));
    expect((await delivery.forceFlush(2000)).outcome).toBe('durable');
    expect(other.requests).toEqual([]);
    await other.close();
  });

  test('a malformed span goes to the dead letters with the words of the server but not those of the prompt', async () => {
    const prompt = 'My diagnosis is confidential, please summarise it.';
    const bad = spanRecord('bad0000000000000', prompt);
    sink.answer = ({ spanIds: ids }) =>
      ids.includes('bad0000000000000')
        ? { status: 400, body: { message: 'Invalid request data', error: `endTime missing in "${prompt}"` } }
        : ACCEPT;
    const delivery = create();
    delivery.accept([...records(spanIds(50)), bad, ...records(spanIds(50, 51))]);
    const { outcome, counters } = await delivery.forceFlush(5000);
    expect(outcome).toBe('delivered');
    expect(sink.accepted).toEqual(spanIds(100));
    expect(counters).toMatchObject({ accepted: 101, delivered: 100, deadLettered: 1, dropped: 0 });
    const folder = path.join(spoolFolder(options()), 'dead-letters');
    const letter = JSON.parse(readFileSync(path.join(folder, readdirSync(folder)[0]!), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(letter).toMatchObject({ status: 400, record: bad });
    expect(letter['reason']).toBe('Invalid request data: endTime missing in …');
  });

  test('too large is halved until it fits; a lone span is cut with a marker, or is a dead letter', async () => {
    const [long, hopeless] = ['10a9000000000000', 'bad0000000000000'];
    sink.answer = ({ bytes, spanIds: ids }) => (bytes > 50_000 || ids.includes(hopeless) ? { status: 413 } : ACCEPT);
    const delivery = create();
    delivery.accept([...records(spanIds(200)), spanRecord(long, 'x'.repeat(60_000)), spanRecord(hopeless)]);
    const { counters } = await delivery.forceFlush(5000);
    expect(sink.accepted.toSorted()).toEqual([...spanIds(200), long].toSorted());
    expect(counters).toMatchObject({ delivered: 201, deadLettered: 1 });
    expectBalanced(counters);
  });

  test('the books balance at every moment of a bad hour', async () => {
    const answers = [{ status: 503 }, ACCEPT, 'cut', { status: 413 }, ACCEPT, BAD_REQUEST, ACCEPT] as const;
    sink.answer = () => answers[sink.requests.length % answers.length] ?? ACCEPT;
    const size = spanRecord('0000000000000001').length;
    const delivery = create(options({ maxBytes: size * 300 }));
    for (let round = 0; round < 12; round++) {
      delivery.accept(records(spanIds(50, round * 50 + 1)));
      expectBalanced(delivery.counters());
      if (round % 4 === 0) expectBalanced((await delivery.forceFlush(300)).counters);
    }
    const { counters } = await delivery.forceFlush(10_000);
    expectBalanced(counters);
    expect(counters.accepted).toBe(600);
    expect(new Set(sink.accepted).size).toBe(sink.accepted.length);
    expect(counters.delivered).toBe(sink.accepted.length);
  });

  test('a flush waits for what came before it, not for what comes after', async () => {
    const delivery = create();
    delivery.accept(records(spanIds(10)));
    const traffic = setInterval(() => delivery.accept([spanRecord('ffffffffffffffff')]), 1);
    const start = Date.now();
    expect((await delivery.forceFlush(10_000)).outcome).toBe('delivered');
    expect(Date.now() - start).toBeLessThan(5000);
    clearInterval(traffic);
    expect(sink.accepted.slice(0, 10)).toEqual(spanIds(10));
  });

  test.each(['span', 'fsync'] as const)('durability %s: on disk when accept returns', async (durability) => {
    const delivery = create({ ...local(), spool: options({ durability }).spool });
    delivery.accept(records(spanIds(2)));
    expect((await spooled()).map(({ record }) => record)).toEqual(records(spanIds(2)));
  });

  test('accepted durably: on disk and counted when it resolves, in order, however many ask at once', async () => {
    const delivery = create(local());
    const answers = await Promise.all(spanIds(50).map((id) => delivery.acceptDurably(records([id]))));
    expect(new Set(answers)).toEqual(new Set(['durable']));
    expect((await spooled()).map(({ record }) => record)).toEqual(records(spanIds(50)));
    expectBalanced(delivery.counters());
    expect(delivery.counters()).toMatchObject({ accepted: 50, spooled: 50 });
  });

  test('a full spool refuses what is to be durable, drops nothing, and takes it once there is room', async () => {
    sink.answer = () => ({ status: 503 });
    const size = spanRecord('0000000000000001').length + 8;
    const delivery = create(options({ maxBytes: size * 10 }));
    expect(await delivery.acceptDurably(records(spanIds(8)))).toBe('durable');
    expect(await delivery.acceptDurably(records(spanIds(8, 9)))).toBe('refused');
    expect(delivery.counters()).toMatchObject({ accepted: 8, spooled: 8, dropped: 0 });
    sink.answer = () => ACCEPT;
    expect((await delivery.forceFlush(5000)).outcome).toBe('delivered');
    expect(await delivery.acceptDurably(records(spanIds(8, 9)))).toBe('durable');
    expect((await delivery.forceFlush(5000)).outcome).toBe('delivered');
    expect(sink.accepted.toSorted()).toEqual(spanIds(16));
    expectBalanced(delivery.counters());
  });

  test('a disk that cannot be written refuses what is to be durable', async () => {
    writeFileSync(path.join(directory, 'file'), '');
    const delivery = create(options({ directory: path.join(directory, 'file') }));
    expect(await delivery.acceptDurably(records(spanIds(2)))).toBe('refused');
    expect(delivery.counters()).toMatchObject({ accepted: 0, spooled: 0 });
  });

  test('several requests are under way at a time, no span twice', async () => {
    const held: (() => void)[] = [];
    sink.answer = () => new Promise((resolve) => void held.push(() => resolve(ACCEPT)));
    const delivery = create();
    delivery.accept(spanIds(80).map((id) => spanRecord(id, 'x'.repeat(90_000))));
    const flushed = delivery.forceFlush(10_000);
    await waitFor(() => held.length === 3);
    // Last come, first served.
    while (delivery.counters().spooled > 0) {
      held.pop()?.();
      expectBalanced(delivery.counters());
      await new Promise((resolve) => void setTimeout(resolve, 5));
    }
    expect((await flushed).outcome).toBe('delivered');
    expect(sink.accepted.toSorted()).toEqual(spanIds(80));
  });

  test('what dead processes left has its share while new records come and come', async () => {
    const script = createDelivery(local());
    script.accept(records(spanIds(3)));
    await script.shutdown();
    orphanAll(spoolFolder(local()));
    const delivery = create();
    const content = 'x'.repeat(90_000);
    let next = 10;
    const busy = (): void => delivery.accept(spanIds(60, (next += 60)).map((id) => spanRecord(id, content)));
    busy();
    sink.answer = () => {
      busy();
      return ACCEPT;
    };
    void delivery.forceFlush(1);
    await waitFor(() => sink.accepted.includes('0000000000000001'));
    expect(delivery.counters().spooled).toBeGreaterThan(30);
    sink.answer = () => 'hang';
  });

  test('what a predecessor left goes before what its successor corrects', async () => {
    const predecessor = createDelivery(local());
    predecessor.accept(records(spanIds(200)));
    await predecessor.shutdown();
    orphanAll(spoolFolder(local()));
    const delivery = create({ ...options(), retainMs: 60_000 });
    expect(await delivery.acceptDurably(records(['000000000000000a']))).toBe('durable');
    expect((await delivery.forceFlush(5000)).outcome).toBe('delivered');
    expect(sink.accepted.indexOf('000000000000000a')).toBe(9);
    expect(sink.accepted.lastIndexOf('000000000000000a')).toBe(200);
  });

  test('durability memory: never on disk', async () => {
    sink.answer = () => ({ status: 500 });
    const delivery = create(options({ durability: 'memory' }));
    delivery.accept(records(spanIds(2)));
    expect((await delivery.forceFlush(50)).outcome).toBe('pending');
    delivery.appendNow();
    expect(readdirSync(directory)).toEqual([]);
    sink.answer = () => ACCEPT;
    expect((await delivery.forceFlush(5000)).outcome).toBe('delivered');
  });

  test('a spool that cannot be written: memory takes over, within its bound', async () => {
    writeFileSync(path.join(directory, 'file'), '');
    sink.answer = () => ({ status: 500 });
    const record = spanRecord('0000000000000001');
    const delivery = create(options({ directory: path.join(directory, 'file'), maxBytes: record.length * 100 }));
    for (let round = 0; round < 4; round++) delivery.accept(records(spanIds(50, round * 50 + 1)));
    const { outcome, counters } = await delivery.forceFlush(50);
    expect(outcome).toBe('pending');
    expect(counters).toMatchObject({ accepted: 200, spooled: 100, droppedByReason: { 'memory-cap': 100 } });
    sink.answer = () => ACCEPT;
    await delivery.forceFlush(5000);
    expect(sink.accepted).toEqual(spanIds(100, 101));
  });

  test('without keys records stay, readable, and a later process with keys delivers them', async () => {
    const keyless = create(local());
    keyless.accept(records(spanIds(5)));
    expect((await keyless.forceFlush(100)).outcome).toBe('durable');
    expect(await spooled()).toHaveLength(5);
    await keyless.shutdown();
    orphanAll(spoolFolder(local()));
    const delivery = create();
    expect((await delivery.forceFlush(5000)).outcome).toBe('delivered');
    expect(sink.accepted).toEqual(spanIds(5));
    expect(readdirSync(spoolFolder(local()))).toEqual([]);
    expectBalanced(delivery.counters());
  });

  test('a hundred short scripts without keys are delivered by the first process with keys', async () => {
    for (const id of spanIds(100)) {
      const script = createDelivery(local());
      script.accept(records([id]));
      await script.shutdown();
    }
    orphanAll(spoolFolder(local()));
    expect((await create().forceFlush(10_000)).outcome).toBe('delivered');
    expect(sink.accepted.toSorted()).toEqual(spanIds(100));
    expect(readdirSync(spoolFolder(local()))).toEqual([]);
  });

  test('records are sent by themselves when a dead process left some and this one has none', async () => {
    const script = createDelivery(local());
    script.accept(records(spanIds(3)));
    await script.shutdown();
    orphanAll(spoolFolder(local()));
    create();
    await waitFor(() => sink.accepted.length === 3);
  });

  test('records of one project are not delivered to another, nor those of a living process', async () => {
    sink.answer = () => ({ status: 500 });
    const first = create(options({}, 'pk-lf-1'));
    first.accept(records(spanIds(3)));
    await first.shutdown(10);
    orphanAll(spoolFolder(options({}, 'pk-lf-1')));
    const living = create(options({}, 'pk-lf-2'));
    living.accept(records(spanIds(2, 20)));
    await living.forceFlush(10);
    sink.answer = () => ACCEPT;
    const other = create(options({}, 'pk-lf-2'));
    expect((await other.forceFlush(2000)).outcome).toBe('delivered');
    expect(sink.accepted).toEqual([]);
  });

  test('what dead processes leave without keys is held to the caps', async () => {
    for (let run = 0; run < 3; run++) {
      const keyless = createDelivery(local());
      keyless.accept(records(spanIds(10, run * 10 + 1)));
      await keyless.shutdown();
    }
    orphanAll(spoolFolder(local()));
    const bytes = spoolStatus(directory)[0]?.bytes ?? 0;
    const later = create({ ...local(), spool: options({ maxBytes: Math.ceil(bytes * 0.7) }).spool });
    await waitFor(() => later.counters().dropped === 10);
    expect(await spooled()).toHaveLength(20);
    expectBalanced(later.counters());
  });

  test('sending is not traced', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    onTestFinished(() => context.disable());
    const tracer = new TracerProvider().getTracer('instrumentation of node:http');
    const traced: boolean[] = [];
    const note = (): void => void traced.push(tracer.startSpan('POST', {}, context.active()).isRecording());
    subscribe('http.client.request.start', note);
    onTestFinished(() => void unsubscribe('http.client.request.start', note));
    const delivery = create();
    delivery.accept(records(spanIds(1)));
    await delivery.forceFlush(2000);
    expect(traced).toEqual([false]);
  });

  test('neither keys nor content are on stderr', async () => {
    setLogLevel('debug');
    const written: string[] = [];
    const { write } = process.stderr;
    process.stderr.write = ((text: string) => written.push(text) > 0) as typeof write;
    onTestFinished(() => void (process.stderr.write = write));
    sink.answer = ({ headers }) => ({
      status: 400,
      body: { message: `no: ${headers.authorization} ${'secret prompt'}` },
    });
    const delivery = create();
    delivery.accept([spanRecord('0000000000000001', 'secret prompt')]);
    await delivery.forceFlush(2000);
    expect(written.join('')).toContain('HTTP 400');
    expect(written.join('')).not.toMatch(/secret|sk-lf|Basic/);
  });
});

/** Gives the directories of this process a name of a process that is gone. */
function orphanAll(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(`${process.pid}-`))) {
    // A start time that no process with this pid has.
    const orphan = name.replace(/\.\d+-/, '.1-');
    renameSync(path.join(folder, name), path.join(folder, orphan));
  }
}
