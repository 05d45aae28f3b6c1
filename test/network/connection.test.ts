import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { httpSender } from '../../src/delivery/http-sender.ts';
import type { SendOutcome } from '../../src/delivery/sender.ts';
import { setLogLevel } from '../../src/util/diagnostics.ts';
import { type HttpProxy, startProxy } from '../support/http-proxy.ts';
import { ACCEPT, type LangfuseSink, startSink } from '../support/langfuse-sink.ts';
import { runNode } from '../support/run-process.ts';
import { spanRecord } from '../support/spans.ts';

const TLS = path.join(import.meta.dirname, '../fixtures/tls');
const CERTIFICATE = path.join(TLS, 'certificate.pem');
const KEY = path.join(TLS, 'key.pem');
const SERVER = { cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) };
const RECORD = Buffer.from(spanRecord('0000000000000001'));

const DELIVERED: SendOutcome = { kind: 'accepted', rejectedSpans: 0 };

describe('the way to Langfuse', () => {
  let sink: LangfuseSink;
  let proxy: HttpProxy;
  /** A sender of a process with these variables and no others of the kind. */
  const send = (env: Record<string, string>, publicKey = 'pk-lf-1'): Promise<SendOutcome> => {
    for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) vi.stubEnv(name, '');
    for (const [name, value] of Object.entries({ NO_PROXY: '', ...env })) vi.stubEnv(name, value);
    const sender = httpSender({ baseUrl: sink.baseUrl, publicKey, secretKey: 'sk-lf-1' });
    return sender.send([RECORD], new AbortController().signal);
  };
  const overTls = async (options = {}): Promise<void> => {
    sink = await startSink(() => ACCEPT, { ...SERVER, ...options });
    onTestFinished(sink.close);
  };

  beforeEach(async () => {
    setLogLevel('silent');
    sink = await startSink();
    onTestFinished(sink.close);
    proxy = await startProxy();
    onTestFinished(proxy.close);
  });
  afterEach(() => {
    setLogLevel('info');
    vi.unstubAllEnvs();
  });

  test('leads through HTTP_PROXY', async () => {
    expect(await send({ HTTP_PROXY: proxy.url })).toEqual(DELIVERED);
    expect(proxy.asked).toEqual([`POST ${sink.baseUrl}/api/public/otel/v1/traces`]);
    expect(sink.requests[0]?.headers.host).toBe(new URL(sink.baseUrl).host);
    expect(sink.accepted).toEqual(['0000000000000001']);
  });

  test('leads through a tunnel of HTTPS_PROXY, which sees nothing of it', async () => {
    await overTls();
    const env = { HTTPS_PROXY: proxy.url, OTEL_EXPORTER_OTLP_CERTIFICATE: CERTIFICATE };
    expect(await send(env)).toEqual(DELIVERED);
    expect(proxy.asked).toEqual([`CONNECT ${new URL(sink.baseUrl).host}`]);
    expect(sink.accepted).toEqual(['0000000000000001']);
  });

  test('is direct where NO_PROXY says so', async () => {
    expect(await send({ HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' })).toEqual(DELIVERED);
    expect(proxy.asked).toEqual([]);
  });

  test.each(['HTTP_PROXY', 'HTTPS_PROXY'])('a %s that refuses is no reason to give up', async (name) => {
    if (name === 'HTTPS_PROXY') await overTls();
    const outcome = await send({ [name]: proxy.url.replace('ada', 'eve') });
    expect(outcome).toMatchObject({ cause: expect.stringContaining('HTTP 407') });
    expect(['retry', 'refused']).toContain(outcome.kind);
    expect(sink.requests).toEqual([]);
  });

  test('a proxy that is not there is a failure of the network', async () => {
    await overTls();
    expect(await send({ HTTPS_PROXY: 'http://127.0.0.1:9' })).toEqual({ kind: 'retry', cause: 'ECONNREFUSED' });
  });

  test('a certificate of nobody we trust is refused, one that is named is not', async () => {
    await overTls();
    expect(await send({})).toMatchObject({ kind: 'retry', cause: expect.stringContaining('SELF_SIGNED') });
    expect(await send({ OTEL_EXPORTER_OTLP_CERTIFICATE: CERTIFICATE })).toEqual(DELIVERED);
  });

  test('those Node trusts by NODE_EXTRA_CA_CERTS stay trusted when others are named', async () => {
    await overTls();
    const script = `
      const { httpSender } = await import(${JSON.stringify(path.resolve(import.meta.dirname, '../../dist/delivery/http-sender.js'))});
      const sender = httpSender({ baseUrl: ${JSON.stringify(sink.baseUrl)}, publicKey: 'pk', secretKey: 'sk' });
      // Sockets of ours keep no process alive.
      const alive = setInterval(() => {}, 1000);
      console.log((await sender.send([Buffer.from('{"scopeSpans":[]}')], new AbortController().signal)).kind);
      clearInterval(alive);`;
    const parameters = ['--input-type=module', '--eval', script];
    const other = path.join(TLS, 'not-there.pem');
    for (const env of [
      {},
      { OTEL_EXPORTER_OTLP_CERTIFICATE: CERTIFICATE },
      { OTEL_EXPORTER_OTLP_CERTIFICATE: other },
    ]) {
      const { stdout } = await runNode(parameters, { env: { NODE_EXTRA_CA_CERTS: CERTIFICATE, ...env } });
      expect(stdout.trim()).toBe('accepted');
    }
  });

  test('shows the certificate of the client to a server that asks for it', async () => {
    await overTls({ requestCert: true, rejectUnauthorized: true, ca: SERVER.cert });
    const trusted = { OTEL_EXPORTER_OTLP_CERTIFICATE: CERTIFICATE };
    expect((await send(trusted)).kind).toBe('retry');
    const own = { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_KEY: KEY };
    expect(await send({ ...trusted, ...own })).toEqual(DELIVERED);
  });

  test('a key that no header can have is refused, and starts no second header', async () => {
    const outcome = await send({}, 'pk-lf-1\r\nx-evil: yes');
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(outcome)).not.toContain('pk-lf');
    expect(sink.requests).toEqual([]);
  });
});
