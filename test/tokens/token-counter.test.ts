import { monitorEventLoopDelay } from 'node:perf_hooks';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CountResult, type CountTask, estimateByLength } from '../../src/tokens/count-task.ts';
import { runCountTask } from '../../src/tokens/run-count-task.ts';
import { TokenCounter } from '../../src/tokens/token-counter.ts';
import { setLogLevel } from '../../src/util/diagnostics.ts';
import { runNode } from '../support/run-process.ts';

/** Threads run compiled code: what `npm test` has built. */
const SCRIPT = pathToFileURL(path.resolve(import.meta.dirname, '../../dist/tokens/worker.js'));

let counter: TokenCounter;
const count = (task: CountTask): Promise<CountResult> => new Promise((resolve) => counter.count(task, resolve));
const ofText = (text: string): CountTask => ({ model: 'gpt-4o', output: [text] });

afterEach(() => counter.stop());

describe('a thread that counts', () => {
  beforeEach(() => void (counter = new TokenCounter(() => SCRIPT)));

  test('as the tokenizer does here', async () => {
    const task: CountTask = {
      model: 'gpt-4o',
      input: { messages: [{ role: 'user', content: 'What is the weather?' }], tools: [{ name: 'weather' }] },
      output: ['Sunny.'],
    };
    expect(await count(task)).toEqual(runCountTask(task));
  });

  test('a megabyte does not hold up the event loop', async () => {
    await count(ofText('load'));
    const megabyte = 'The quick brown fox jumps over the lazy dog, 42 times. '.repeat(19_000);
    // Other tests run beside this one, so the best of some attempts counts: the tokenizer would take 450 ms in each.
    let longest = Infinity;
    for (let attempt = 0; attempt < 10 && longest >= 20; attempt++) {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const { output = 0, method } = await count(ofText(megabyte));
      delay.disable();
      expect({ output: output > 200_000, method }).toEqual({ output: true, method: 'tiktoken o200k_base' });
      longest = Math.min(longest, delay.max / 1e6);
    }
    expect(longest).toBeLessThan(20);
  });

  test.each([
    ['100,000 times a', 'a'.repeat(100_000)],
    ['100,000 spaces', ' '.repeat(100_000)],
    ['100,000 ideographs', '\u7684'.repeat(100_000)],
    ['100,000 ideographs in turn', '\u4f60\u597d\u4e16\u754c\u7684\u4eba\u6c11'.repeat(14_286)],
    ['50,000 emoji', '\u{1F600}'.repeat(50_000)],
  ])('%s take no time', async (_, text) => {
    await count(ofText('load'));
    const before = process.cpuUsage();
    const { method } = await count(ofText(text));
    // Of processor time in all threads, because other tests run beside this one. Usually 15 to 85 ms.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(400);
    expect(method).toBe('tiktoken o200k_base');
  });

  test('the end of the process does not wait', () => {
    const results: CountResult[] = [];
    counter.count(ofText('twelve chars'), (result) => results.push(result));
    counter.finishNow();
    counter.finishNow();
    expect(results).toEqual([{ output: 3, method: 'UTF-8 bytes / 4' }]);
  });

  test('settle waits for the tokenizer', async () => {
    const results: CountResult[] = [];
    counter.count(ofText('Sunny.'), (result) => results.push(result));
    await counter.settle();
    expect(results).toEqual([{ output: 2, method: 'tiktoken o200k_base' }]);
  });

  test('more than may wait is estimated at once', () => {
    const methods: string[] = [];
    for (let index = 0; index < 300; index++) counter.count(ofText('x'), ({ method }) => methods.push(method));
    expect(methods).toHaveLength(300 - 256);
    counter.count(ofText('y'.repeat(17 * 1024 * 1024)), ({ method }) => methods.push(method));
    expect(new Set(methods)).toEqual(new Set(['UTF-8 bytes / 4']));
  });
});

/** The script of a thread that does what `code` says. */
const thread =
  (code: string): (() => URL) =>
  () =>
    new URL(`data:text/javascript,${encodeURIComponent(code)}`);

test('the tokenizer is not loaded before something is counted', async () => {
  const [main, tokens] = ['index.js', 'tokens/index.js'].map((file) => new URL(`../${file}`, SCRIPT).href);
  const { stdout, stderr } = await runNode([
    '--input-type=module',
    '--eval',
    `import { createRequire } from 'node:module';
    const { cache } = createRequire('${main}');
    const loaded = () => Object.keys(cache).some((file) => file.includes('tiktoken'));
    await import('${main}');
    const { countTokens } = await import('${tokens}');
    const before = loaded();
    countTokens('x', { model: 'gpt-4o' });
    console.log(before, loaded());`,
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: 'false true\n', stderr: '' });
});

test('a thread without work ends, and the next task has another', async () => {
  const script = thread(`import { parentPort, threadId } from 'node:worker_threads';
    const answer = ({ id }) => parentPort.postMessage({ id, result: { output: threadId, method: 'm' } });
    parentPort.on('message', answer);`);
  counter = new TokenCounter(script, 30);
  const { output: first = 0 } = await count(ofText('x'));
  expect(await count(ofText('x'))).toMatchObject({ output: first });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { output: later = 0 } = await count(ofText('x'));
  expect(later).toBeGreaterThan(first);
});

describe('without a thread', () => {
  beforeEach(() => setLogLevel('silent'));
  afterEach(() => setLogLevel('info'));

  test.each<[string, () => URL]>([
    ['is not there', () => new URL('./missing.js', import.meta.url)],
    [
      'has no address, as in a bundle',
      () => {
        throw new TypeError('Invalid URL');
      },
    ],
    ['ends', thread('process.exit()')],
    [
      'cannot count',
      thread(`import { parentPort } from 'node:worker_threads';
        parentPort.on('message', ({ id }) => parentPort.postMessage({ id }));`),
    ],
  ])('lengths stand in where its script %s', async (_, script) => {
    counter = new TokenCounter(script);
    expect(await count(ofText('Hello'))).toEqual({ output: 2, method: 'UTF-8 bytes / 4' });
    expect(await count(ofText('Hello'))).toEqual({ output: 2, method: 'UTF-8 bytes / 4' });
  });
});

test('lengths of an input are those of its messages, calls and tools', () => {
  const { input } = estimateByLength({
    model: 'gpt-4o',
    input: {
      messages: [
        { role: 'user', content: 'eight ch' },
        { role: 'assistant', tool_calls: [{ function: { name: 'four', arguments: '{}  ' } }] },
        { role: 'user', content: [{ type: 'text', text: '\u7684\u7684\u7684\u7684' }] },
      ],
      tools: [],
    },
  });
  expect(input).toBe(2 + 2 + 3);
});
