import { expect, test, vi } from 'vitest';
import type { ResponseObserver } from '../../src/instrumentation/observer.ts';
import { tapResponse } from '../../src/instrumentation/response-tap.ts';

/** An observer, and what it is told, in order. */
function recorder(): { observer: ResponseObserver; told: string[] } {
  const told: string[] = [];
  const observer: ResponseObserver = {
    chunk: (bytes) => void told.push(Buffer.from(bytes).toString()),
    text: (value) => void told.push(value),
    parsed: (value) => void told.push(JSON.stringify(value)),
    end: ({ kind }) => void told.push(kind),
    retain() {},
    release() {},
  };
  return { observer, told };
}

test.each(['json', 'text', 'arrayBuffer', 'blob'] as const)('a body that is read with %s() is seen', async (read) => {
  const { observer, told } = recorder();
  const response = Response.json({ usage: 1 });
  tapResponse(response, observer);
  await response[read]();
  await vi.waitFor(() => expect(told).toEqual(['{"usage":1}', 'finished']));
});

test('media in a blob is not', async () => {
  const { observer, told } = recorder();
  const response = new Response('ID3', { headers: { 'content-type': 'audio/mpeg' } });
  tapResponse(response, observer);
  expect(await (await response.blob()).text()).toBe('ID3');
  expect(told).toEqual(['finished']);
});
