import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { calculateCost, parsePrices } from '../../src/cost/index.ts';
import { spoolStatus } from '../../src/delivery/read-spool.ts';
import { CatalogRefresh, type PriceSource } from '../../src/refresh/catalog-refresh.ts';
import { leaseRefresh } from '../../src/refresh/lease-refresh.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { pricesOf, startPriceServer, withEtag } from './price-server.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;

const CALL = { provider: 'acme', model: 'new-1', usage: { input: 1_000_000 } };

function usd(): number | undefined {
  return calculateCost(CALL).usd;
}

function start(source: PriceSource): CatalogRefresh {
  const refresh = new CatalogRefresh(source);
  onTestFinished(() => refresh.stop());
  return refresh;
}

let said: () => string;
let passed = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  // Each test in an hour of its own: what was said a minute ago is not said again.
  vi.advanceTimersByTime((passed += HOUR_MS));
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  said = () => write.mock.calls.map(([text]) => String(text)).join('');
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the refresh of prices', () => {
  test('prices calls by what it finds, and names it', async () => {
    const server = await startPriceServer(withEtag(pricesOf(1), '"1"'));
    expect(usd()).toBeUndefined();
    start({ url: `${server.url}?token=hidden` });
    await vi.waitFor(() => expect(usd()).toBe(1));
    expect(calculateCost(CALL)).toMatchObject({
      source: 'catalog',
      catalogVersion: expect.stringMatching(/^127\.0\.0\.1:\d+\/prices\.json sha256:[0-9a-f]{12}$/) as string,
    });
    expect(said()).toBe('');
  });

  test('looks again every day, with the ETag', async () => {
    const server = await startPriceServer(withEtag(pricesOf(2), '"2"'));
    start({ url: server.url });
    await vi.waitFor(() => expect(usd()).toBe(2));
    await vi.advanceTimersByTimeAsync(DAY_MS);
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    expect(server.requests[1]?.headers['if-none-match']).toBe('"2"');
    server.answer = withEtag(pricesOf(3), '"3"');
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    await vi.advanceTimersByTimeAsync(DAY_MS);
    await vi.waitFor(() => expect(usd()).toBe(3));
    expect(said()).toBe('');
  });

  test.each<[string, Parameters<typeof startPriceServer>[0], string]>([
    ['is garbage', (_request, response) => void response.end('<html>'), 'it is no JSON'],
    ['is cut', (_request, response) => void response.end(pricesOf(9).slice(0, -1)), 'it is no JSON'],
    [
      'is another table',
      (_request, response) => void response.end(pricesOf(-9)),
      'acme new-1: `input_mtok` is not an amount of 0 or more',
    ],
    ['is an error', (_request, response) => void response.writeHead(500).end(pricesOf(9)), 'the answer is 500'],
    ['is too large', (_request, response) => void response.end(pricesOf(9).padEnd(5_000_001)), 'it has more than'],
    ['breaks', (request) => void request.socket.destroy(), 'ECONNRESET'],
  ])('an answer that %s is told of once and the prices stay', async (_what, answer, reason) => {
    const server = await startPriceServer(withEtag(pricesOf(4), '"4"'));
    start({ url: server.url });
    await vi.waitFor(() => expect(usd()).toBe(4));
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    server.answer = answer;
    await vi.advanceTimersByTimeAsync(DAY_MS);
    await vi.waitFor(() => expect(said()).toContain(`prices at ${new URL(server.url).host}/prices.json: ${reason}`));
    expect(said().match(/The prices in force stay\./g)).toHaveLength(1);
    expect(usd()).toBe(4);
    // Soon it is tried again, for what it last understood.
    server.answer = withEtag(pricesOf(5), '"5"');
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    await vi.waitFor(() => expect(usd()).toBe(5));
    expect(server.requests.at(-1)?.headers['if-none-match']).toBe('"4"');
  });

  test('prices of the user go before what it finds', async () => {
    const server = await startPriceServer(withEtag(pricesOf(6), '"6"'));
    start({ url: server.url });
    await vi.waitFor(() => expect(usd()).toBe(6));
    const prices = parsePrices('{"models": [{"model": "new-1", "prices": {"input": 0.5}}]}');
    expect(calculateCost({ ...CALL, prices })).toMatchObject({ usd: 0.5, source: 'user' });
  });

  test('a process without a network starts with the last good copy', async () => {
    const directory = temporaryDirectory();
    const server = await startPriceServer(withEtag(pricesOf(7), '"7"'));
    const first = start({ url: server.url, directory });
    await vi.waitFor(() => expect(usd()).toBe(7));
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    first.stop();
    start({ url: (await startPriceServer(withEtag(pricesOf(8), '"8"'))).url });
    await vi.waitFor(() => expect(usd()).toBe(8));

    server.answer = (request) => void request.socket.destroy();
    start({ url: server.url, directory });
    await vi.waitFor(() => expect(usd()).toBe(7));
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    expect(server.requests[1]?.headers['if-none-match']).toBe('"7"');
  });

  test('the copy is private, and no destination of the spool it is beside', async () => {
    const directory = temporaryDirectory();
    const server = await startPriceServer(withEtag(pricesOf(10), '"10"'));
    start({ url: server.url, directory });
    await vi.waitFor(() => expect(readdirSync(directory)).toEqual([expect.stringMatching(/^\.prices-[0-9a-f]{12}$/)]));
    const [name = ''] = readdirSync(directory);
    expect(statSync(path.join(directory, name)).mode & 0o777).toBe(0o600);
    expect(spoolStatus(directory)).toEqual([]);
  });

  test('a damaged copy is downloaded again', async () => {
    const directory = temporaryDirectory();
    const server = await startPriceServer(withEtag(pricesOf(11), '"11"'));
    const first = start({ url: server.url, directory });
    await vi.waitFor(() => expect(readdirSync(directory)).toHaveLength(1));
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    first.stop();
    const file = path.join(directory, readdirSync(directory)[0] ?? '');
    writeFileSync(file, readFileSync(file).subarray(0, 40));
    start({ url: server.url, directory });
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    expect(server.requests[1]?.headers['if-none-match']).toBeUndefined();
  });

  test('several users share one, and the last stops it', async () => {
    const server = await startPriceServer(withEtag(pricesOf(12), '"12"'));
    const releases = [leaseRefresh({ url: server.url }), leaseRefresh({ url: server.url })];
    await vi.waitFor(() => expect(usd()).toBe(12));
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    releases[0]?.();
    expect(vi.getTimerCount()).toBe(1);
    releases[1]?.();
    expect(vi.getTimerCount()).toBe(0);
    expect(server.requests).toHaveLength(1);
  });

  test('one that is stopped while it downloads changes and says nothing', async () => {
    const server = await startPriceServer((_request, response) => {
      refresh.stop();
      response.end(pricesOf(13));
    });
    const refresh = start({ url: server.url });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    await new Promise((resolve) => void setImmediate(resolve));
    expect(usd()).not.toBe(13);
    expect(vi.getTimerCount()).toBe(0);
    expect(said()).toBe('');
  });
});
