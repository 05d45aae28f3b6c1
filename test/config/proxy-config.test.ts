import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import { parseProxyConfig, type ProxyConfig } from '../../src/config/proxy-config.ts';
import { readServerConfig } from '../../src/config/server-sources.ts';
import { namesOf, PROXY_VARIABLES } from '../../src/config/server-variables.ts';
import { DEFAULT_LIMITS } from '../../src/proxy/server.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function read(flags: Record<string, string>, env: Record<string, string> = {}): ProxyConfig {
  return readServerConfig(PROXY_VARIABLES, parseProxyConfig, flags, env);
}

test('without anything, everything has its default', () => {
  expect(read({})).toEqual({});
});

test('from flags, variables and a file', () => {
  const config = path.join(temporaryDirectory(), 'proxy.yaml');
  writeFileSync(
    config,
    'host: 0.0.0.0\nupstreams: {one: http://one}\nlimits: {inFlightMegabytes: 2, headersSeconds: 3, requestSeconds: 4, connections: 5}\n',
  );
  expect(read({ config }, { OTEL_LANGFUSE_PROXY_TOKEN: 'secret' })).toEqual({
    host: '0.0.0.0',
    token: 'secret',
    upstreams: { one: 'http://one' },
    limits: { bytesInFlight: 2 * 1024 * 1024, headersTimeoutMs: 3_000, requestTimeoutMs: 4_000, connections: 5 },
  });
  const env = {
    OTEL_LANGFUSE_PROXY_UPSTREAM: 'two=http://two:1/base/, three=https://three',
    OTEL_LANGFUSE_PROXY_PORT: '1',
  };
  const expected = { two: 'http://two:1/base', three: 'https://three' };
  expect(read({ config, port: '2' }, env)).toMatchObject({ port: 2, upstreams: expected });
  expect(read({ upstream: 'four=http://four' }, env).upstreams).toEqual({ four: 'http://four' });
});

test('the file of the documentation', () => {
  const documentation = readFileSync(path.join(import.meta.dirname, '../../docs/proxy.md'), 'utf8');
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(documentation) ?? [];
  const folder = temporaryDirectory();
  const config = path.join(folder, 'proxy.yaml');
  writeFileSync(config, yaml);
  writeFileSync(path.join(folder, 'certificate.pem'), 'CERTIFICATE');
  writeFileSync(path.join(folder, 'key.pem'), 'KEY');
  const { limits, ...settings } = read({ config }, { PROXY_TOKEN: 'secret' });
  expect(settings).toEqual({
    host: '0.0.0.0',
    port: 4319,
    token: 'secret',
    tls: { certificate: 'CERTIFICATE', key: 'KEY' },
    upstreams: { vllm: 'http://10.0.0.5:8000', azure: 'https://acme.openai.azure.com' },
  });
  expect(limits).toEqual(DEFAULT_LIMITS);
});

describe('what makes no sense is told of with its place', () => {
  test.each([
    ['two', 'upstreams.two: write a text that is not empty'],
    ['two=ftp://two', 'upstreams.two: write an address such as http://llm.internal:8000'],
    ['two=http://ada:pass@two', 'upstreams.two: write the address without a user and a password'],
    ['two=http://two?key=1', 'upstreams.two: write the address without ? and #'],
    ['a/b=http://two', 'upstreams.a/b: write a name of small letters, digits, - and _'],
  ])('%s', (upstream, fault) => {
    expect(() => read({ upstream })).toThrow(`--upstream: ${fault}`);
  });
});

test('an app knows the variables of the proxy', () => {
  const env = Object.fromEntries(namesOf(PROXY_VARIABLES).map((name) => [name, '1']));
  expect(readEnvironment(env).problems).toEqual([]);
});
