import { defined } from '../util/json-read.ts';
import type { CountResult, CountTask } from './count-task.ts';
import { describeTokens } from './count-tokens.ts';

/** Counts with the model's tokenizer. Takes some 0.5 s for a million characters. */
export function runCountTask({ model, input, output }: CountTask): CountResult {
  const count = (text: string): number => describeTokens(text, { model }).tokens;
  const { method } = describeTokens('', { model });
  const countInput = (prompt: NonNullable<CountTask['input']>): number =>
    'texts' in prompt
      ? sum(prompt.texts.map(count))
      : describeTokens(prompt.messages, { model, tools: prompt.tools }).tokens;
  return { ...defined({ input: input && countInput(input), output: output && sum(output.map(count)) }), method };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
