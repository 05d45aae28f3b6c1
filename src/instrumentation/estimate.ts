import type { LlmCall } from '../model/llm-call.ts';
import { completeUsage, type ReportedUsage } from '../model/reported-usage.ts';
import type { CountResult } from '../tokens/count-task.ts';
import type { Exchange } from './exchange.ts';

/** Which of its counts a call lacks. */
export interface MissingCounts {
  input: boolean;
  output: boolean;
}

/** Operations that are billed by tokens of text, and whether they have an output. */
const COUNTED: ReadonlyMap<string, { hasOutput: boolean }> = new Map([
  ['chat', { hasOutput: true }],
  ['text_completion', { hasOutput: true }],
  ['generate_content', { hasOutput: true }],
  ['embeddings', { hasOutput: false }],
]);

/** Kinds of output (`gen_ai.output.type`) whose price no text tells. */
const MEDIA: ReadonlySet<string> = new Set(['image', 'speech']);

/**
 * What has to be counted because the provider did not say: of a call that reached its model and whose answer is there
 * at least in part, or was cut. What a provider says is never replaced; of a stream that was cut after its input had
 * been reported (Anthropic), only the output is missing.
 */
export function missingCounts(
  call: LlmCall,
  { status, outcome }: Pick<Exchange, 'status' | 'outcome'>,
): MissingCounts | undefined {
  const { operation, parameters, output, usage, problems } = call;
  const counted = COUNTED.get(operation);
  const isAccepted = status !== undefined && status >= 200 && status < 300;
  const isMedia = MEDIA.has(parameters.outputType ?? '');
  if (!counted || !isAccepted || isMedia || isBilledOtherwise(usage)) return undefined;
  const wasCut = outcome?.kind !== 'finished' || problems.some(({ code }) => code === 'stream-incomplete');
  // A whole response without an answer was only queued, refused in the body of a success, or is a page of somebody else's.
  const isRead = !call.error && !problems.some(({ code }) => code === 'response-unread');
  const isAnswered = output !== undefined || (!counted.hasOutput && isRead);
  // What is made in the background has only been queued; its usage is in a response that is asked for later.
  const mayBeCut = wasCut && (output !== undefined || parameters.other?.background !== true);
  if (usage ? !wasCut : !mayBeCut && !isAnswered) return undefined;
  const missing = { input: usage?.input === undefined, output: counted.hasOutput && usage?.output === undefined };
  return missing.input || missing.output ? missing : undefined;
}

/** By money, by other units, by the usage of its parts: no count of text says more. */
function isBilledOtherwise(usage: ReportedUsage | undefined): boolean {
  return Boolean(usage?.billedUsd ?? usage?.units ?? usage?.parts?.length);
}

/** The call with what was counted in place of what was missing. */
export function withEstimate(call: LlmCall, { method, ...counts }: CountResult): LlmCall {
  const counted = Object.keys(counts).join(' and ');
  if (counted === '') return call;
  const stated = call.usage ?? NOTHING_STATED;
  return { ...call, usage: completeUsage(stated, { ...counts, estimateMethod: `${counted}: ${method}` }) };
}

const NOTHING_STATED: ReportedUsage = {
  inputIncludes: { cacheRead: true, cacheWrite: true },
  outputIncludes: { reasoning: true },
};
