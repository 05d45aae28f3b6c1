import { describe, expect, test } from 'vitest';
import { ask, recordingProxy, startUpstream } from '../proxy/proxies.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { otelLangfuse } from './otel-langfuse.ts';

describe('otel-langfuse proxy', () => {
  test('says in JSON what it does, and ends when it is told to', async () => {
    const proxy = await startServerProcess('proxy', { OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory() });
    expect(await proxy.end('SIGINT')).toBe(0);
    expect(proxy.log).toMatchObject([
      { level: 'info', kind: 'no-keys' },
      { level: 'info', message: `the proxy listens on ${proxy.url}` },
      { level: 'info', message: 'SIGINT: the proxy stops' },
    ]);
  });

  test('takes as many upstreams as are named', async () => {
    const one = await startUpstream((_, response) => response.end('one'));
    const two = await startUpstream((_, response) => response.end('two'));
    const proxy = await recordingProxy({ one: one.url, two: two.url });
    expect((await ask(proxy.url, '/one/x')).body.toString()).toBe('one');
    expect((await ask(proxy.url, '/two/x')).body.toString()).toBe('two');
  });

  test.each([
    [['--host', '0.0.0.0'], 'other machines reach 0.0.0.0: set a token'],
    [['--upstream', 'mine'], '--upstream: upstreams.mine: write a text that is not empty'],
    [['--port', 'x'], '--port: port: write a whole number'],
  ])('%j', async (words, complaint) => {
    const { code, stderr } = await otelLangfuse(['proxy', ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain(complaint);
  });

  test('is not to be switched off by the environment unnoticed', async () => {
    const { code, stderr } = await otelLangfuse(['proxy'], { env: { OTEL_SDK_DISABLED: 'true' } });
    expect(code).toBe(2);
    expect(stderr).toContain('a proxy would record nothing');
  });
});
