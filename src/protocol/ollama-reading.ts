import type { Json, JsonObject } from '../model/json.ts';
import type { RequestParameters } from '../model/llm-call.ts';
import type { Message } from '../model/message.ts';
import { asBoolean, asCount, asNumber, asObject, asString, asStrings, defined } from '../util/json-read.ts';
import { readErrorObject } from './error.ts';
import type { ResponseReading } from './protocol.ts';
import { pickParameters, readUsageObject } from './reading.ts';

/** What stands for a usage object: counters among the other fields of a response, durations in nanoseconds. */
export const OLLAMA_COUNTERS = [
  'prompt_eval_count',
  'prompt_eval_duration',
  'eval_count',
  'eval_duration',
  'load_duration',
  'total_duration',
] as const;

/** The parameters that chat and completions share: sampling is in `options`. */
export function readOllamaParameters(body: JsonObject): RequestParameters {
  const options: JsonObject = asObject(body.options) ?? {};
  const level = body.think;
  return defined({
    temperature: asNumber(options.temperature),
    topP: asNumber(options.top_p),
    topK: asNumber(options.top_k),
    // Negative: as many as it takes.
    maxTokens: asCount(options.num_predict),
    stopSequences: asStrings(options.stop),
    seed: asNumber(options.seed),
    frequencyPenalty: asNumber(options.frequency_penalty),
    presencePenalty: asNumber(options.presence_penalty),
    stream: asBoolean(body.stream),
    outputType: body.format === 'json' || asObject(body.format) ? 'json' : undefined,
    reasoningLevel: asString(level),
    other: pickParameters({ think: asBoolean(level), keep_alive: body.keep_alive, ...options }, [
      'think',
      'keep_alive',
      'num_ctx',
      'min_p',
      'repeat_penalty',
    ]),
  });
}

/** @param message what was generated, if this API generates. */
export function readOllamaResponse(body: JsonObject, message: Message | undefined): ResponseReading {
  const finishReason = asString(body.done_reason) || undefined;
  const counters: Record<string, Json> = {};
  for (const name of OLLAMA_COUNTERS) if (body[name] !== undefined) counters[name] = body[name];
  return {
    ...defined({ responseModel: asString(body.model) || undefined, error: readErrorObject(body.error) }),
    ...(message && { output: [{ ...message, ...defined({ finish_reason: finishReason }) }] }),
    ...(finishReason !== undefined && { finishReasons: [finishReason] }),
    ...readUsageObject('ollama', counters),
  };
}
