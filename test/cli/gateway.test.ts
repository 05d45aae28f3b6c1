import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startGatewayProcess } from '../gateway/gateway-process.ts';
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

  test('does not start with what makes no sense, and says all of it', async () => {
    const config = path.join(temporaryDirectory(), 'gateway.yaml');
    writeFileSync(config, 'limits: {connections: many}\nhots: x');
    const { code, stderr } = await otelLangfuse(['gateway', '--config', config, '--port', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain('--port: port: write a whole number from 0 to 65535');
    expect(stderr).toContain(`${config}: limits.connections: write a whole number from 1 to 1000000`);
    expect(stderr).toContain(`${config}: hots: there is no such setting`);
  });

  test.each([
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
