import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LLM } from '../exporter/readable-spans.ts';
import { startGatewayProcess } from '../gateway/gateway-process.ts';
import { jsonSpan, post, tracesRequest } from '../gateway/gateways.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { otelLangfuse } from './otel-langfuse.ts';

describe('otel-langfuse gateway', () => {
  test('says in JSON what it does, and ends when it is told to', async () => {
    const gateway = await startGatewayProcess({ OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory() });
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    expect(await gateway.end('SIGINT')).toBe(0);
    expect(gateway.log).toMatchObject([
      { level: 'info', message: `the gateway listens on ${gateway.url}` },
      { level: 'info', message: 'SIGINT: the gateway stops' },
    ]);
  });

  test.each([
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGINT'],
  ] as const)('%s ends it when its requests are answered, a %s after that at once', async (first, second) => {
    const gateway = await startGatewayProcess({ OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory() });
    // A request that takes its time.
    const headers = ['Host: a', 'Content-Type: application/json', 'Content-Length: 5'];
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => {}).write(`POST /v1/traces HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    onTestFinished(() => void socket.destroy());
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    gateway.child.kill(first);
    while (!gateway.log.some(({ message }) => message.startsWith(first)))
      await new Promise((resolve) => void setTimeout(resolve, 5));
    expect(await gateway.end(second)).toBe(null);
    expect(gateway.child.signalCode).toBe(second);
  });

  test('ends well, though what it passes on is taken by nobody', async () => {
    const env = { OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory() };
    const gateway = await startGatewayProcess(env, ['--pass-on', 'http://127.0.0.1:1']);
    expect((await post(`${gateway.url}/v1/traces`, tracesRequest([jsonSpan('call')]))).status).toBe(200);
    expect(await gateway.end('SIGTERM')).toBe(0);
  });

  test('certificates that are none', async () => {
    const file = path.join(temporaryDirectory(), 'none.pem');
    writeFileSync(file, 'no certificate');
    const env = { OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory() };
    const words = ['gateway', '--port', '0', '--tls-certificate', file, '--tls-key', file];
    const { code, stderr } = await otelLangfuse(words, { env });
    expect(code).toBe(1);
    expect(stderr).toContain('the gateway cannot start: ');
  });

  test('does not start with what makes no sense, and says all of it', async () => {
    const config = path.join(temporaryDirectory(), 'gateway.yaml');
    writeFileSync(config, 'limits: {connections: many}\nhots: x');
    const { code, stderr } = await otelLangfuse(['gateway', '--config', config, '--port', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain('--port: port: write a whole number from 0 to 65535');
    expect(stderr).toContain(`${config}: limits.connections: write a whole number from 1 to 1000000`);
    expect(stderr).toContain(`${config}: hots: there is no such setting`);
  });

  test('keeps spans where it is told to, and takes no more than that has room for', async () => {
    const directory = temporaryDirectory();
    const flags = ['--spool-directory', directory, '--spool-megabytes', '1'];
    const gateway = await startGatewayProcess({ OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory() }, flags);
    const send = async (name: string, characters: number): Promise<number> => {
      const span = jsonSpan(name, undefined, { ...LLM, 'gen_ai.prompt': 'x'.repeat(characters) });
      return (await post(`${gateway.url}/v1/traces`, tracesRequest([span]))).status;
    };
    expect(await send('small', 1)).toBe(200);
    expect(await send('large', 1_100_000)).toBe(503);
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    expect(files.some((file) => file.endsWith('.records'))).toBe(true);
  });

  test.each([
    [['--spool-megabytes', '10 GB'], '--spool-megabytes: spool.megabytes: write a whole number'],
    [['--durability', 'span at once'], '--durability: spool.durability: write fsync or memory'],
    [['--host', '0.0.0.0'], 'set a token'],
    [['extra'], 'takes no argument'],
  ])('%j', async (words, complaint) => {
    const { code, stderr } = await otelLangfuse(['gateway', ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain(complaint);
  });

  test('a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const env = { OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory() };
    const { code, stderr } = await otelLangfuse(['gateway', '--port', String(port)], { env });
    expect(code).toBe(1);
    expect(stderr).toContain(`the gateway cannot start: listen EADDRINUSE`);
  });

  test('is not to be switched off by the environment unnoticed', async () => {
    const { code, stderr } = await otelLangfuse(['gateway'], { env: { OTEL_SDK_DISABLED: 'true' } });
    expect(code).toBe(2);
    expect(stderr).toContain('a gateway would deliver nothing');
  });
});
