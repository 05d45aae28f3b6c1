import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startServerProcess } from '../support/server-process.ts';
import { startStandInProvider } from '../support/stand-in-provider.mjs';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { expectedUsage } from '../behaviour/expected-spans.ts';
import { ask, type RawAnswer, recordingProxy, startUpstream, until } from './proxies.ts';

async function provider(): Promise<Awaited<ReturnType<typeof startStandInProvider>>> {
  const started = await startStandInProvider();
  onTestFinished(() => started.close());
  return started;
}

const CHAT = '/v1/chat/completions';

function chat(url: string, model: string, headers: Record<string, string>, body: object = {}): Promise<RawAnswer> {
  const messages = [{ role: 'user', content: 'Is 91 prime?' }];
  return ask(url, `${new URL(url).pathname.replace(/\/$/, '')}${CHAT}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    // As bytes: Node writes headers in the encoding of a text that follows them.
    body: Buffer.from(JSON.stringify({ model, messages, ...body })),
  });
}

const traceOf = (index: number): string => (index + 1).toString(16).padStart(32, 'a');

test('a hundred streams at once: each is whole, and recorded once, for whom it was', { timeout: 60_000 }, async () => {
  const openai = await provider();
  const proxy = await recordingProxy({ openai: openai.url });
  const stream = { stream: true, stream_options: { include_usage: true } };
  const calls = Array.from({ length: 100 }, (_, index) => {
    const headers = {
      'x-stand-in': 'slow',
      traceparent: `00-${traceOf(index)}-b7ad6b716920333${index % 10}-01`,
      'x-langfuse-user-id': `user ${index}`,
      'x-langfuse-session-id': `session ${index % 7}`,
      'x-langfuse-tags': `all, number-${index}`,
      'x-langfuse-feature': 'search',
      'x-langfuse-metadata-place': Buffer.from('Köln').toString('latin1'),
    };
    return chat(`${proxy.url}/openai`, `gpt-${index}`, headers, stream);
  });
  const answers = await Promise.all(calls);
  for (const { isWhole, body } of answers) {
    expect(isWhole).toBe(true);
    expect(body.toString()).toMatch(/data: \[DONE\]\n\n$/);
  }
  const spans = await proxy.spansAtEnd();
  expect(spans).toHaveLength(100);
  for (const exchange of openai.requests) {
    const model = String(exchange.body.model);
    const index = Number(model.slice('gpt-'.length));
    const span = spans.find(({ attributes }) => attributes['gen_ai.request.model'] === model);
    expect(span).toMatchObject({ traceId: traceOf(index), parentSpanId: `b7ad6b716920333${index % 10}` });
    expect(span?.attributes).toMatchObject({
      'gen_ai.response.id': exchange.responseId,
      'user.id': `user ${index}`,
      'session.id': `session ${index % 7}`,
      'langfuse.trace.tags': ['all', `number-${index}`, 'feature:search'],
      'langfuse.trace.metadata.place': 'Köln',
    });
    const usage = JSON.parse(String(span?.attributes['langfuse.observation.usage_details']));
    expect(usage).toMatchObject(expectedUsage(exchange));
    expect(JSON.stringify(exchange.headers)).not.toContain('langfuse');
  }
});

test('compressed answers come as they are, and are read all the same', async () => {
  const [here, there] = [await provider(), await provider()];
  const proxy = await recordingProxy({ openai: there.url });
  const headers = { 'x-stand-in': 'gzip', 'accept-encoding': 'gzip' };
  const direct = await chat(here.url, 'gpt-5-mini', headers);
  const proxied = await chat(`${proxy.url}/openai`, 'gpt-5-mini', headers);
  expect(direct.headers['content-encoding']).toBe('gzip');
  expect(proxied.body.equals(direct.body)).toBe(true);
  expect({ ...proxied.headers, date: '', connection: '' }).toEqual({ ...direct.headers, date: '', connection: '' });
  const [span] = await proxy.spansAtEnd();
  const usage = JSON.parse(String(span?.attributes['langfuse.observation.usage_details']));
  expect(usage).toMatchObject(expectedUsage(there.requests[0] as (typeof there.requests)[0]));
});

test('a stream without usage is counted, or asked for it where the settings say so', { timeout: 40_000 }, async () => {
  const openai = await provider();
  const usages: Record<string, unknown> = {};
  for (const setting of ['off', 'inject']) {
    const proxy = await recordingProxy({ openai: openai.url }, { env: { OTEL_LANGFUSE_STREAM_USAGE: setting } });
    const { body } = await chat(`${proxy.url}/openai`, 'gpt-5-mini', {}, { stream: true });
    expect(body.toString()).not.toContain('"usage":{');
    const [span] = await proxy.spansAtEnd();
    usages[setting] = JSON.parse(String(span?.attributes['langfuse.observation.usage_details']));
  }
  const [estimated, exact] = openai.requests;
  expect(estimated?.body.stream_options).toBeUndefined();
  expect(exact?.body.stream_options).toEqual({ include_usage: true });
  expect(usages['inject']).toMatchObject(exact ? expectedUsage(exact) : {});
  expect(usages['off']).toMatchObject({ total: expect.any(Number) });
});

test('whose the address is, is known by the name it is given for', async () => {
  const groq = await provider();
  const proxy = await recordingProxy({ groq: groq.url });
  await chat(`${proxy.url}/groq`, 'llama-3.3-70b-versatile', {});
  const [span] = await proxy.spansAtEnd();
  expect(span?.attributes['gen_ai.provider.name']).toBe('groq');
});

test('keys pass through, and are written nowhere', async () => {
  const seen: string[] = [];
  const upstream = await startUpstream((request, response) => {
    seen.push(JSON.stringify([request.url, request.headers]));
    request.resume();
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"bad key"}}');
  });
  const spool = temporaryDirectory();
  const env = { OTEL_LANGFUSE_SPOOL_DIR: spool, OTEL_LANGFUSE_LOG_LEVEL: 'debug' };
  const proxy = await startServerProcess('proxy', env, ['--upstream', `google=${upstream.url}`]);
  const target = '/google/v1beta/models/gemini-2.5-flash:generateContent?key=hidden-1';
  const headers = { authorization: 'Bearer hidden-2', 'x-api-key': 'hidden-3', 'x-goog-api-key': 'hidden-4' };
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
  expect((await ask(proxy.url, target, { method: 'POST', headers, body })).status).toBe(401);
  upstream.server.close();
  for (const socket of upstream.connections.open) socket.destroy();
  expect((await ask(proxy.url, target, { method: 'POST', headers, body })).status).toBe(502);
  expect(await proxy.end('SIGTERM')).toBe(0);
  for (const secret of ['hidden-1', 'hidden-2', 'hidden-3', 'hidden-4']) expect(seen.join()).toContain(secret);

  const files = readdirSync(spool, { recursive: true, encoding: 'utf8' }).map((name) => path.join(spool, name));
  const written = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, 'latin1'));
  expect(written.join()).toContain('gemini-2.5-flash');
  expect(written.join()).not.toContain('hidden-');
  expect(JSON.stringify(proxy.log)).not.toContain('hidden-');
});

describe('the end', () => {
  test('an answer under way comes to its end, and is recorded', async () => {
    const openai = await provider();
    const proxy = await recordingProxy({ openai: openai.url });
    const stream = { stream: true, stream_options: { include_usage: true } };
    const answer = chat(`${proxy.url}/openai`, 'gpt-5-mini', { 'x-stand-in': 'slow split' }, stream);
    await until(() => openai.requests.length > 0);
    expect(await proxy.end('SIGTERM')).toBe(0);
    expect((await answer).isWhole).toBe(true);
    expect(proxy.sink.spans).toHaveLength(1);
    expect(proxy.sink.spans[0]?.attributes['gen_ai.response.id']).toBe(openai.requests[0]?.responseId);
  });

  test('a second signal ends it at once, and what was under way is not lost', async () => {
    const openai = await provider();
    const spool = temporaryDirectory();
    const env = { OTEL_LANGFUSE_SPOOL_DIR: spool };
    const proxy = await startServerProcess('proxy', env, ['--upstream', `openai=${openai.url}`]);
    const answer = chat(`${proxy.url}/openai`, 'gpt-5-mini', { 'x-stand-in': 'stall' }, { stream: true });
    answer.catch(() => {});
    await until(() => openai.requests.length > 0);
    proxy.child.kill('SIGTERM');
    await until(() => proxy.log.some(({ message }) => message.includes('stops')));
    await proxy.end('SIGTERM');
    const files = readdirSync(spool, { recursive: true, encoding: 'utf8' }).map((name) => path.join(spool, name));
    const written = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, 'latin1'));
    expect(written.join()).toContain('gpt-5-mini');
  });
});

describe('who may ask, and for how much', () => {
  test('with a token, nothing without it', async () => {
    const openai = await provider();
    const env = { OTEL_LANGFUSE_PROXY_TOKEN: 'let-me-in' };
    const proxy = await recordingProxy({ openai: openai.url }, { env });
    const url = `${proxy.url}/openai`;
    expect((await chat(url, 'm', {})).status).toBe(401);
    expect((await chat(url, 'm', { 'x-langfuse-proxy-token': 'let-me' })).status).toBe(401);
    expect(openai.requests).toEqual([]);
    expect((await ask(proxy.url, '/healthz')).body.toString()).toBe('alive\n');
    expect((await chat(url, 'm', { 'x-langfuse-proxy-token': 'let-me-in' })).status).toBe(200);
    expect(JSON.stringify(openai.requests[0]?.headers)).not.toContain('let-me-in');
  });

  test('requests that are more than there is room for are to come again, and then there is room', async () => {
    const config = path.join(temporaryDirectory(), 'proxy.yaml');
    writeFileSync(config, 'limits: {inFlightMegabytes: 1}\n');
    let received = 0;
    const upstream = await startUpstream((request, response) => {
      request.on('data', (chunk: Buffer) => (received += chunk.length)).on('end', () => response.end('ok'));
    });
    const proxy = await recordingProxy({ up: upstream.url }, { parameters: ['--config', config] });
    const tooMuch = await ask(proxy.url, '/up/x', { method: 'POST', body: Buffer.alloc(1_500_000) });
    expect(tooMuch).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(received).toBeLessThan(1_500_000);
    for (let count = 0; count < 3; count++) {
      const answer = await ask(proxy.url, '/up/x', { method: 'POST', body: Buffer.alloc(900_000) });
      expect(answer.body.toString()).toBe('ok');
    }
  });
});
