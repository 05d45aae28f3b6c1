import fc from 'fast-check';
import http from 'node:http';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isPublicAddress, PRIVATE_ADDRESS, publicLookup } from '../../src/proxy/public-addresses.ts';
import { ask, recordingProxy, startUpstream } from './proxies.ts';

const PRIVATE_V4 = [
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.255',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
];
const PUBLIC_V4 = ['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.0', '172.15.0.1', '172.32.0.1', '192.167.1.1'];
const PRIVATE_V6 = [
  '::',
  '::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'febf::1',
  'ff02::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '0:0:0:0:0:ffff:10.0.0.1',
  'fd00:ec2::254',
];
const PUBLIC_V6 = [
  '2606:4700::1111',
  '2001:4860:4860::8888',
  '2a00:1450:4001::1',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
];

test.each([...PRIVATE_V4, ...PRIVATE_V6])('%s is private', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([...PUBLIC_V4, ...PUBLIC_V6])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test('an IPv4 address is as private in every form of IPv6 that is connected to as it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.constantFrom(...PRIVATE_V4, ...PUBLIC_V4)), (address) => {
      for (const form of [`::ffff:${address}`, `64:ff9b::${address}`])
        expect(isPublicAddress(form), form).toBe(isPublicAddress(address));
    }),
  );
});

test.each(['', 'localhost', '127.1', '2130706433', '[::1]'])('%j is no address', (text) => {
  expect(isPublicAddress(text)).toBe(false);
});

test.each([[{ all: true }], [{}], [{ family: 4 }]])(
  'a name that leads to this machine leads nowhere: %j',
  async (options) => {
    const error = await new Promise((resolve) => void publicLookup('localhost', options, resolve));
    expect(error).toMatchObject({ code: PRIVATE_ADDRESS });
  },
);

test('the address is looked at as the connection is made', async () => {
  let asked = 0;
  const { url } = await startUpstream((_, response) => void (asked++, response.end()));
  const agent = new http.Agent({ lookup: publicLookup });
  const error = await new Promise((resolve) => {
    http.get({ host: 'localhost', port: new URL(url).port, agent }, resolve).on('error', resolve);
  });
  expect(error).toMatchObject({ code: PRIVATE_ADDRESS });
  expect(asked).toBe(0);
});

describe('a proxy', () => {
  const PRELOAD = path.join(import.meta.dirname, 'private-name.mjs');

  test.each(['127.0.0.1', '169.254.169.254', '::1', '::ffff:10.0.0.1'])(
    'does not ask a public API whose name leads to %s',
    async (address) => {
      const env = { NODE_OPTIONS: `--import=${PRELOAD}`, TEST_ADDRESS: address };
      const proxy = await recordingProxy({}, { env });
      const answer = await ask(proxy.url, '/openai/v1/models');
      expect(answer.status).toBe(502);
      const { message } = JSON.parse(answer.body.toString()).error;
      expect(message).toContain('api.openai.com has a private address here');
      expect(message).toContain('--upstream openai=https://api.openai.com');
    },
  );

  test('asks where the user says so', async () => {
    const { url } = await startUpstream((_, response) => response.end('asked'));
    const proxy = await recordingProxy(
      { own: `http://own.internal:${new URL(url).port}` },
      { env: { NODE_OPTIONS: `--import=${PRELOAD}`, TEST_ADDRESS: '127.0.0.1', OTEL_LANGFUSE_LOG_LEVEL: 'info' } },
    );
    expect((await ask(proxy.url, '/own/x')).body.toString()).toBe('asked');
  });
});
