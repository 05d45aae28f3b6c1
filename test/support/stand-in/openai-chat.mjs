import { completionTokens, interleave, openaiCacheDetails, promptTokens, servedModel } from './answers.mjs';
import { CREATED_AT, openaiError } from './openai-common.mjs';

/** @import { Answer } from './answers.mjs' */

const FINISH_REASONS = { stop: 'stop', length: 'length', tools: 'tool_calls' };

/** @param {Answer} answer */
function usage({ usage: tokens }) {
  return {
    prompt_tokens: promptTokens(tokens),
    completion_tokens: completionTokens(tokens),
    total_tokens: promptTokens(tokens) + completionTokens(tokens),
    prompt_tokens_details: { ...openaiCacheDetails(tokens), audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: tokens.reasoning ?? 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** The chat completions API. */
export const openaiChat = {
  path: '/v1/chat/completions',
  idPrefix: 'chatcmpl-',
  error: openaiError,

  /** @param {any} request @param {Answer} answer @param {string} id */
  body(request, answer, id) {
    const toolCalls = answer.toolCalls?.map((call) => ({
      id: `call_${call.id}`,
      type: 'function',
      function: { name: call.name, arguments: call.argumentPieces.join('') },
    }));
    return {
      id,
      object: 'chat.completion',
      created: CREATED_AT,
      model: servedModel(request.model),
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: answer.text?.join('') ?? null,
            ...(toolCalls && { tool_calls: toolCalls }),
            refusal: null,
            annotations: [],
          },
          logprobs: null,
          finish_reason: FINISH_REASONS[answer.finish],
        },
      ],
      usage: usage(answer),
      service_tier: 'default',
      system_fingerprint: null,
    };
  },

  /** @param {any} request @param {Answer} answer @param {string} id */
  events(request, answer, id) {
    const withUsage = request.stream_options?.include_usage === true;
    const chunk = (choices, tokens = null) => ({
      data: {
        id,
        object: 'chat.completion.chunk',
        created: CREATED_AT,
        model: servedModel(request.model),
        service_tier: 'default',
        system_fingerprint: null,
        choices,
        ...(withUsage && { usage: tokens }),
      },
    });
    const delta = (content, finishReason = null) =>
      chunk([{ index: 0, delta: content, logprobs: null, finish_reason: finishReason }]);
    const calls = answer.toolCalls ?? [];
    return [
      delta({ role: 'assistant', content: answer.text ? '' : null, refusal: null }),
      ...(answer.text ?? []).map((piece) => delta({ content: piece })),
      ...calls.map((call, index) =>
        delta({
          tool_calls: [
            { index, id: `call_${call.id}`, type: 'function', function: { name: call.name, arguments: '' } },
          ],
        }),
      ),
      ...interleave(calls.map((call) => call.argumentPieces)).map(({ index, piece }) =>
        delta({ tool_calls: [{ index, function: { arguments: piece } }] }),
      ),
      delta({}, FINISH_REASONS[answer.finish]),
      ...(withUsage ? [chunk([], usage(answer))] : []),
      { data: '[DONE]' },
    ];
  },

  /** What the API sends when it fails in the middle of a stream. */
  streamError: () => ({ data: openaiError(500).body }),
};
