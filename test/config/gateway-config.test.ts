import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import { type GatewayConfig, parseGatewayConfig } from '../../src/config/gateway-config.ts';
import { readServerConfig, ServerConfigError } from '../../src/config/server-sources.ts';
import { GATEWAY_VARIABLES, namesOf } from '../../src/config/server-variables.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function readGatewayConfig(flags: Record<string, string>, env: Record<string, string>): GatewayConfig {
  return readServerConfig(GATEWAY_VARIABLES, parseGatewayConfig, flags, env);
}

/** A configuration file, and others beside it. */
function fileWith(text: string, others: Record<string, string> = {}): string {
  const folder = temporaryDirectory();
  for (const [name, content] of Object.entries(others)) writeFileSync(path.join(folder, name), content);
  const file = path.join(folder, 'gateway.yaml');
  writeFileSync(file, text);
  return file;
}

/** What is said of a file that cannot be used, a fault a line, without its name. */
function faultsOf(text: string, flags: Record<string, string> = {}, env: Record<string, string> = {}): string[] {
  const file = fileWith(text);
  try {
    readGatewayConfig({ config: file, ...flags }, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ServerConfigError);
    return (error as Error).message.replaceAll(`${file}: `, '').split('\n');
  }
  return [];
}

test('without anything, everything has its default', () => {
  expect(readGatewayConfig({}, {})).toEqual({});
  expect(readGatewayConfig({ config: fileWith('# nothing\n') }, {})).toEqual({});
});

test('the file of the documentation', () => {
  const documentation = readFileSync(path.join(import.meta.dirname, '../../docs/gateway.md'), 'utf8');
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(documentation) ?? [];
  const others = { 'certificate.pem': 'CERTIFICATE', 'key.pem': 'KEY', 'checkout-secret-key': 'sk-lf-2\n' };
  const file = fileWith(yaml, others);
  const env = { GATEWAY_TOKEN: 'secret', MAIN_SECRET_KEY: 'sk-lf-1', CHECKOUT_PUBLIC_KEY: 'pk-lf-2' };
  expect(readGatewayConfig({ config: file }, env)).toEqual({
    host: '0.0.0.0',
    port: 4318,
    token: 'secret',
    tls: { certificate: 'CERTIFICATE', key: 'KEY' },
    projects: {
      default: { publicKey: 'pk-lf-main', secretKey: 'sk-lf-1' },
      checkout: {
        publicKey: 'pk-lf-2',
        secretKey: 'sk-lf-2',
        baseUrl: 'https://langfuse.example.com',
        environment: 'production',
        release: '2.7',
        spans: 'llm-path',
        prices: path.join(path.dirname(file), 'prices.json'),
      },
    },
    routes: [
      { header: 'x-team', equals: ['checkout'], project: 'checkout' },
      { resource: 'service.name', equals: ['checkout', 'basket'], project: 'checkout' },
      { attribute: 'tenant', equals: ['shop'], project: 'checkout' },
    ],
    passOn: [{ url: 'https://otlp.example.com', headers: { 'x-api-key': '...' } }],
    spool: {
      directory: '/var/lib/otel-langfuse',
      maxBytes: 10_240 * 1024 * 1024,
      maxAgeMs: 30 * 24 * 60 * 60_000,
      durability: 'batch',
    },
    limits: {
      bodyBytes: 20 * 1024 * 1024,
      bytesInFlight: 128 * 1024 * 1024,
      connections: 4096,
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 60_000,
    },
    retention: { maxAgeMs: 15 * 60_000, maxSpans: 220_000, maxSentBytes: 64 * 1024 * 1024 },
  });
});

describe('precedence', () => {
  test('flags, then variables, then the file', () => {
    const config = fileWith('host: from-file\nport: 1\ntoken: {environment: A}\npassOn: [{url: https://file}]');
    const env = {
      A: 'from file',
      OTEL_LANGFUSE_GATEWAY_CONFIG: config,
      OTEL_LANGFUSE_GATEWAY_HOST: 'from-variable',
      OTEL_LANGFUSE_GATEWAY_PORT: ' 2 ',
      OTEL_LANGFUSE_GATEWAY_PASS_ON: 'https://a, https://b/otlp',
    };
    expect(readGatewayConfig({}, env)).toEqual({
      host: 'from-variable',
      port: 2,
      token: 'from file',
      passOn: [{ url: 'https://a' }, { url: 'https://b/otlp' }],
    });
    expect(readGatewayConfig({ host: 'from-flag', port: '3', config: fileWith('') }, env)).toMatchObject({
      host: 'from-flag',
      port: 3,
    });
  });

  test('the spool has the variables of the preload', () => {
    const config = fileWith('spool: {directory: queue, megabytes: 1, days: 2, durability: fsync}');
    const env = {
      OTEL_LANGFUSE_SPOOL_DIR: '/spool',
      OTEL_LANGFUSE_SPOOL_MAX_MB: '3',
      OTEL_LANGFUSE_SPOOL_MAX_DAYS: '4',
      OTEL_LANGFUSE_DURABILITY: 'memory',
    };
    const day = 24 * 60 * 60_000;
    expect(readGatewayConfig({ config }, {}).spool).toEqual({
      directory: path.join(path.dirname(config), 'queue'),
      maxBytes: 1024 * 1024,
      maxAgeMs: 2 * day,
      durability: 'batch',
    });
    const said = { directory: '/spool', maxBytes: 3 * 1024 * 1024, maxAgeMs: 4 * day, durability: 'memory' };
    expect(readGatewayConfig({ config }, env).spool).toEqual(said);
    const flags = { 'spool-directory': '/other', 'spool-megabytes': '5', durability: 'fsync' };
    expect(readGatewayConfig({ config, ...flags }, env).spool).toEqual({
      ...said,
      directory: '/other',
      maxBytes: 5 * 1024 * 1024,
      durability: 'batch',
    });
  });

  test('the token of the environment is for who names no other', () => {
    const env = { OTEL_LANGFUSE_GATEWAY_TOKEN: 'one', OTHER: 'two' };
    expect(readGatewayConfig({}, env)).toEqual({ token: 'one' });
    expect(readGatewayConfig({ config: fileWith('token: {environment: OTHER}') }, env)).toEqual({ token: 'two' });
    const file = fileWith('three\n');
    expect(readGatewayConfig({ 'token-file': file }, env)).toEqual({ token: 'three' });
  });

  test('a part of a setting leaves the rest of it', () => {
    const config = fileWith('tls: {certificate: a.pem, key: b.pem}', { 'a.pem': 'A', 'b.pem': 'B', 'c.pem': 'C' });
    const key = path.join(path.dirname(config), 'c.pem');
    expect(readGatewayConfig({ config, 'tls-key': key }, {})).toEqual({ tls: { certificate: 'A', key: 'C' } });
  });
});

describe('faults', () => {
  test.each([
    ['port: 65536', 'port: write a whole number from 0 to 65535'],
    ['port: http', 'port: write a whole number from 0 to 65535'],
    ['hots: x', 'hots: there is no such setting'],
    ['token: secret', 'token: write {environment: NAME} or {file: PATH}'],
    ['token: {environment: NOT_SET}', 'token: NOT_SET is not set or empty'],
    ['token: {file: nowhere}', 'token: nowhere cannot be read (ENOENT)'],
    ['tls: {certificate: nowhere}', 'tls.certificate: nowhere cannot be read (ENOENT)'],
    ['projects: {a: {}}', 'projects: one of them is to be named default: it takes what no route fits'],
    [
      'projects: {default: {baseUrl: x}}',
      'projects.default.baseUrl: write an address such as https://otlp.example.com',
    ],
    ['projects: {default: {spans: some}}', 'projects.default.spans: write llm-path, all or llm'],
    ['projects: {default: {key: x}}', 'projects.default.key: there is no such setting'],
    [
      'routes: [{header: a, equals: b, project: c}, {header: a, resource: b, equals: c, project: d}]',
      'routes.1: write one of header, resource and attribute, with equals and project',
    ],
    ['passOn: [{url: "ftp://x"}]', 'passOn.0.url: write an address such as https://otlp.example.com'],
    ['limits: {bodyMegabytes: 0}', 'limits.bodyMegabytes: write a whole number from 1 to 1000'],
    ['spool: {megabytes: 0}', 'spool.megabytes: write a whole number from 1 to 100000000'],
    ['spool: {durability: soon}', 'spool.durability: write fsync or memory'],
    ['retention: {minutes: 1.5}', 'retention.minutes: write a whole number from 1 to 1440'],
    ['- a list', 'write settings, such as port: 4318'],
    ['text', 'write settings, such as port: 4318'],
  ])('%s', (text, fault) => {
    expect(faultsOf(text)).toContain(fault);
  });

  test('all of them at once, each with what said it', () => {
    const faults = faultsOf(
      'port: 1\nlimits: {connections: x}',
      { port: 'x' },
      { OTEL_LANGFUSE_GATEWAY_TLS_KEY: 'nowhere' },
    );
    expect(faults).toEqual([
      '--port: port: write a whole number from 0 to 65535',
      'tls.certificate: is missing',
      'OTEL_LANGFUSE_GATEWAY_TLS_KEY: tls.key: nowhere cannot be read (ENOENT)',
      'limits.connections: write a whole number from 1 to 1000000',
    ]);
  });

  test('a file that is no YAML, or not there', () => {
    expect(faultsOf('port: [')[0]).toMatch(/line 1, column \d+/);
    expect(() => readGatewayConfig({ config: 'nowhere.yaml' }, {})).toThrow('nowhere.yaml: cannot be read (ENOENT)');
  });

  test('aliases that stand for more than fits in memory', () => {
    const names = 'abcdefghij';
    const lines = [...names].map((name, index) => {
      const former = names[index - 1];
      return `${name}: &${name} [${Array(10)
        .fill(former ? `*${former}` : 'x')
        .join(', ')}]`;
    });
    expect(faultsOf(lines.join('\n'))[0]).toMatch(/alias/i);
  });
});

test('an app knows the variables of the gateway', () => {
  const env = Object.fromEntries(namesOf(GATEWAY_VARIABLES).map((name) => [name, '1']));
  const messages = readEnvironment(env).problems.map(({ message }) => message);
  expect(messages.filter((message) => message.includes('not a known setting'))).toEqual([]);
});
