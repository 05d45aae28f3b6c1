import { openaiError } from './openai-common.mjs';

/** @import { Answer } from './answers.mjs' */

const VECTOR = [0.0125, -0.5, 0.25, 0.0078125];

/** The embeddings API. Clients ask for base64, which is little-endian 32-bit floats. */
export const openaiEmbeddings = {
  path: '/v1/embeddings',
  /** Embedding responses have no id. */
  idPrefix: undefined,
  error: openaiError,

  /** @param {any} request @param {Answer} answer */
  body(request, answer) {
    const inputs = Array.isArray(request.input) ? request.input : [request.input];
    const embedding =
      request.encoding_format === 'base64' ? Buffer.from(new Float32Array(VECTOR).buffer).toString('base64') : VECTOR;
    return {
      object: 'list',
      data: inputs.map((_, index) => ({ object: 'embedding', index, embedding })),
      model: request.model,
      usage: { prompt_tokens: answer.usage.input, total_tokens: answer.usage.input },
    };
  },
};
