import { completionTokens, promptTokens, servedModel } from './answers.mjs';
import { CREATED_AT, openaiError } from './openai-common.mjs';

/** @import { Answer } from './answers.mjs' */

/** @param {Answer} answer */
function usage({ usage: tokens }) {
  const [prompt, completion] = [promptTokens(tokens), completionTokens(tokens)];
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

/** The legacy completions API. */
export const openaiCompletions = {
  path: '/v1/completions',
  idPrefix: 'cmpl-',
  error: openaiError,

  /** @param {any} request @param {Answer} answer @param {string} id */
  body(request, answer, id) {
    return {
      id,
      object: 'text_completion',
      created: CREATED_AT,
      model: servedModel(request.model),
      choices: [{ text: answer.text?.join('') ?? '', index: 0, logprobs: null, finish_reason: answer.finish }],
      usage: usage(answer),
    };
  },

  /** @param {any} request @param {Answer} answer @param {string} id */
  events(request, answer, id) {
    const withUsage = request.stream_options?.include_usage === true;
    const chunk = (choices, tokens = null) => ({
      data: {
        id,
        object: 'text_completion',
        created: CREATED_AT,
        choices,
        model: servedModel(request.model),
        ...(withUsage && { usage: tokens }),
      },
    });
    const text = (piece, finishReason = null) =>
      chunk([{ text: piece, index: 0, logprobs: null, finish_reason: finishReason }]);
    return [
      ...(answer.text ?? []).map((piece) => text(piece)),
      text('', answer.finish),
      ...(withUsage ? [chunk([], usage(answer))] : []),
      { data: '[DONE]' },
    ];
  },

  streamError: () => ({ data: openaiError(500).body }),
};
