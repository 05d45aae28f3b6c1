import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { download, type DownloadOptions, MAX_BYTES } from '../../src/refresh/download.ts';
import { startProxy } from '../support/http-proxy.ts';
import { startPriceServer, withEtag } from './price-server.ts';

function get(url: string, options: Partial<DownloadOptions> = {}): ReturnType<typeof download> {
  return download(new URL(url), { signal: new AbortController().signal, ...options });
}

describe('download', () => {
  test('gets the text with its ETag, and asks only for what is newer', async () => {
    const server = await startPriceServer(withEtag('[1]', '"one"'));
    expect(await get(server.url)).toEqual({ text: '[1]', etag: '"one"' });
    expect(server.requests[0]?.headers['if-none-match']).toBeUndefined();
    expect(await get(server.url, { etag: '"one"' })).toBe('unchanged');
    server.answer = withEtag('[2]', '"two"');
    expect(await get(server.url, { etag: '"one"' })).toEqual({ text: '[2]', etag: '"two"' });
  });

  test('stops reading at the bound', async () => {
    let isClosed: Promise<unknown> | undefined;
    const server = await startPriceServer((_request, response) => {
      const piece = Buffer.alloc(100_000, ' ');
      const more = (): void => {
        while (!response.destroyed && response.write(piece));
      };
      isClosed = new Promise((resolve) => void response.on('close', resolve));
      response.on('drain', more);
      more();
    });
    await expect(get(server.url)).rejects.toThrow(`it has more than ${MAX_BYTES} bytes`);
    await isClosed;
  });

  test('a text of just the bound is whole', async () => {
    const server = await startPriceServer((_request, response) => void response.end(Buffer.alloc(MAX_BYTES, ' ')));
    const found = await get(server.url);
    expect(found === 'unchanged' ? undefined : found.text.length).toBe(MAX_BYTES);
  });

  test.each([
    ['never answers', false],
    ['never ends', true],
  ])('a server that %s costs no more than the time for it', async (_what, begins) => {
    const server = await startPriceServer((_request, response) => void (begins && response.write('[')));
    await expect(get(server.url, { timeoutMs: 100 })).rejects.toThrow('no whole answer in 0.1 s');
  });

  test('a redirect is not followed', async () => {
    const other = await startPriceServer(withEtag('[]', '"one"'));
    const server = await startPriceServer((_request, response) => {
      response.writeHead(302, { location: other.url }).end();
    });
    await expect(get(server.url)).rejects.toThrow('the answer is 302, and redirects are not followed');
    expect(other.requests).toEqual([]);
  });

  test('an error status and a connection that breaks are told apart', async () => {
    const server = await startPriceServer((_request, response) => void response.writeHead(503).end('[]'));
    await expect(get(server.url)).rejects.toThrow('the answer is 503');
    server.answer = (request) => void request.socket.destroy();
    await expect(get(server.url)).rejects.toThrow('ECONNRESET');
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('[', () => response.destroy());
    };
    await expect(get(server.url)).rejects.toThrow('ECONNRESET');
  });

  test('the way leads through the proxy of the process', async () => {
    const server = await startPriceServer(withEtag('[1]', '"one"'));
    const proxy = await startProxy();
    onTestFinished(() => proxy.close());
    vi.stubEnv('http_proxy', proxy.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await get(`${server.url}?table=1`)).toMatchObject({ text: '[1]' });
    expect(proxy.asked).toEqual([`GET ${server.url}?table=1`]);
  });

  test('what is stopped ends', async () => {
    const stopping = new AbortController();
    const server = await startPriceServer(() => stopping.abort());
    await expect(get(server.url, { signal: stopping.signal })).rejects.toThrow();
  });
});
