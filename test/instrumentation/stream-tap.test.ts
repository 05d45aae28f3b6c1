import { Readable } from 'node:stream';
import { ReadableStream, type ReadableStreamDefaultReader, TransformStream } from 'node:stream/web';
import { describe, expect, test } from 'vitest';
import type { ResponseObserver } from '../../src/instrumentation/observer.ts';
import type { Outcome } from '../../src/instrumentation/outcome.ts';
import { tapStream } from '../../src/instrumentation/stream-tap.ts';

const PIECES = ['data: one\n\n', 'data: two\n\n', 'data: three\n\n'];

/** A byte stream like a fetch body (which hands its memory over, so never enqueue a pooled Buffer): pulled, never pushed. `failAfter` breaks it off after so many chunks. */
function source(failAfter = Infinity): { stream: ReadableStream; pulls(): number; cancelled(): unknown } {
  let pulls = 0;
  let cancelled: unknown;
  const stream = new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const piece = PIECES[pulls++];
      if (pulls > failAfter) return controller.error(new TypeError('terminated'));
      if (piece !== undefined) return controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel(reason) {
      cancelled = reason ?? 'cancelled';
    },
  });
  return { stream, pulls: () => pulls, cancelled: () => cancelled };
}

class Recorder implements ResponseObserver {
  body = '';
  outcomes: Outcome[] = [];
  chunk(bytes: Uint8Array): void {
    this.body += Buffer.from(bytes).toString();
  }
  text(): void {}
  parsed(): void {}
  end(outcome: Outcome): void {
    this.outcomes.push(outcome);
  }
  retain(): void {}
  release(): void {}
}

function tapped(failAfter?: number): ReturnType<typeof source> & { recorder: Recorder } {
  const made = source(failAfter);
  const recorder = new Recorder();
  tapStream(made.stream, recorder);
  return { ...made, recorder };
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += Buffer.from(chunk).toString();
  return text;
}

const WHOLE = PIECES.join('');

/** Every way an app can read a whole body. */
const WAYS: Record<string, (stream: ReadableStream) => Promise<string>> = {
  'for await': (stream) => drain(stream),
  'values()': (stream) => drain(stream.values()),
  async 'getReader()'(stream) {
    const reader = stream.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read())
      text += Buffer.from(part.value).toString();
    return text;
  },
  async 'BYOB reader'(stream) {
    const reader = stream.getReader({ mode: 'byob' });
    let text = '';
    let memory = new Uint8Array(64);
    for (;;) {
      const { done, value } = await reader.read(memory);
      if (done) return text;
      text += Buffer.from(value).toString();
      // The app uses its memory again.
      memory = new Uint8Array(value.buffer);
      memory.fill(0);
    }
  },
  'pipeThrough()': (stream) => drain(stream.pipeThrough(new TransformStream())),
  async 'pipeTo()'(stream) {
    const { readable, writable } = new TransformStream();
    const [text] = await Promise.all([drain(readable), stream.pipeTo(writable)]);
    return text;
  },
  async 'tee()'(stream) {
    const [left, right] = await Promise.all(stream.tee().map((branch) => drain(branch)));
    expect(left).toBe(right);
    return left ?? '';
  },
  'Readable.fromWeb()': (stream) => drain(Readable.fromWeb(stream)),
  'new Response()': (stream) => new Response(stream as unknown as globalThis.ReadableStream).text(),
};

describe('tapStream', () => {
  test.each(Object.keys(WAYS))('%s: the app reads the same, we see it once', async (way) => {
    const { stream, recorder } = tapped();
    expect(await WAYS[way]?.(stream)).toBe(WHOLE);
    expect(recorder.body).toBe(WHOLE);
    expect(recorder.outcomes[0]).toEqual({ kind: 'finished' });
    const plain = source().stream;
    await WAYS[way]?.(plain);
    // A pipe gives its lock back some microtasks after the last chunk.
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.locked).toBe(plain.locked);
  });

  test('reads nothing on its own account', async () => {
    const plain = source();
    const { stream, pulls } = tapped();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(pulls()).toBe(plain.pulls());
    const reader = stream.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(pulls()).toBe(1);
  });

  test('break out of for await cancels the stream', async () => {
    const { stream, recorder, cancelled } = tapped();
    for await (const _ of stream) break;
    expect(cancelled()).toBeDefined();
    expect(recorder.outcomes).toEqual([{ kind: 'cancelled' }]);
    expect(recorder.body).toBe(PIECES[0]);
  });

  test.each<[string, (stream: ReadableStream) => Promise<unknown>]>([
    ['stream', (stream) => stream.cancel('enough')],
    ['reader', (stream) => stream.getReader().cancel('enough')],
  ])('cancel() of the %s passes the reason on', async (_, cancel) => {
    const { stream, recorder, cancelled } = tapped();
    await cancel(stream);
    expect(cancelled()).toBe('enough');
    expect(recorder.outcomes).toEqual([{ kind: 'cancelled' }]);
  });

  test('a broken stream breaks for the app as before, and is seen', async () => {
    const { stream, recorder } = tapped(2);
    await expect(drain(stream)).rejects.toThrow('terminated');
    expect(recorder.body).toBe(PIECES.slice(0, 2).join(''));
    expect(recorder.outcomes).toMatchObject([{ kind: 'failed', error: { message: 'terminated' } }]);
  });

  test.each(['tee', 'cancel', 'pipeThrough', 'pipeTo', 'getReader'] as const)(
    '%s of a locked stream fails as before',
    async (name) => {
      const attempt = async (stream: ReadableStream): Promise<unknown> => {
        stream.getReader();
        const { readable, writable } = new TransformStream();
        if (name === 'pipeThrough') return stream.pipeThrough({ readable, writable });
        if (name === 'pipeTo') return stream.pipeTo(writable);
        return stream[name]();
      };
      const expected = await attempt(source().stream).catch((error: Error) => error);
      const { stream, recorder } = tapped();
      await expect(attempt(stream)).rejects.toEqual(expected);
      expect(recorder.outcomes).toEqual([]);
    },
  );

  test('locks and releases as before', async () => {
    const { stream } = tapped();
    const reader = stream.getReader();
    expect(stream.locked).toBe(true);
    reader.releaseLock();
    expect(stream.locked).toBe(false);
    expect(await drain(stream)).toBe(WHOLE);
  });
});
