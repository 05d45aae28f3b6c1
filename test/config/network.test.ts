import { describe, expect, test } from 'vitest';
import { readNetwork } from '../../src/config/network.ts';

const CLOUD = new URL('https://cloud.langfuse.com/api/public/otel/v1/traces');

function proxyOf(env: NodeJS.ProcessEnv, url = CLOUD): string | undefined {
  return readNetwork(url, env).network.proxy?.href;
}

describe('the proxy', () => {
  test.each([
    ['HTTPS_PROXY', 'http://proxy:3128/'],
    ['https_proxy', 'http://proxy:3128/'],
    ['HTTP_PROXY', undefined],
  ])('%s for an https address', (name, expected) => {
    expect(proxyOf({ [name]: 'http://proxy:3128' })).toBe(expected);
  });

  test('HTTP_PROXY is for http addresses, and the lower case goes first', () => {
    const env = { HTTP_PROXY: 'http://upper:1', http_proxy: 'http://lower:1', HTTPS_PROXY: 'http://other:1' };
    expect(proxyOf(env, new URL('http://langfuse.internal:3000'))).toBe('http://lower:1/');
  });

  test('a scheme may be left out', () => {
    expect(proxyOf({ HTTPS_PROXY: 'proxy.internal:3128' })).toBe('http://proxy.internal:3128/');
  });

  test.each(['socks5://ada:s3cret@proxy', 'http://ada:s3cret@'])('%s is a problem that names no password', (value) => {
    const { network, problems } = readNetwork(CLOUD, { HTTPS_PROXY: value });
    expect(network.proxy).toBeUndefined();
    expect(problems).toMatchObject([{ variable: 'HTTPS_PROXY' }]);
    expect(problems[0]?.message).toContain('http://proxy.internal:3128');
    expect(problems[0]?.message).not.toContain('s3cret');
  });

  test.each([
    ['*', true],
    ['langfuse.com', true],
    ['.langfuse.com', true],
    ['*.langfuse.com', true],
    ['other.example, CLOUD.langfuse.com', true],
    ['cloud.langfuse.com:443', true],
    ['cloud.langfuse.com:8443', false],
    ['fuse.com', false],
    ['cloud.langfuse.com.evil.example', false],
    ['', false],
  ])('NO_PROXY=%s', (list, isExcepted) => {
    expect(proxyOf({ HTTPS_PROXY: 'http://proxy:1', NO_PROXY: list }) === undefined).toBe(isExcepted);
  });

  test.each(['::1', '[::1]', '[::1]:3000'])('NO_PROXY=%s for an IPv6 address', (list) => {
    expect(proxyOf({ HTTP_PROXY: 'http://proxy:1', NO_PROXY: list }, new URL('http://[::1]:3000'))).toBeUndefined();
  });
});

test('names of files: those for traces go before those for all signals', () => {
  const env = {
    OTEL_EXPORTER_OTLP_CERTIFICATE: 'all.pem',
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: 'traces.pem',
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: 'client.pem',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: 'key.pem',
    NODE_EXTRA_CA_CERTS: ' ',
  };
  expect(readNetwork(CLOUD, env).network.files).toEqual({
    authorities: 'traces.pem',
    clientCertificate: 'client.pem',
    clientKey: 'key.pem',
  });
});
