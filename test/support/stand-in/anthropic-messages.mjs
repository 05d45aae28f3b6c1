import { completionTokens, servedModel } from './answers.mjs';

/** @import { Answer } from './answers.mjs' */

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tools: 'tool_use' };
const SIGNATURE = 'EqoBCkgIBxABGAIiQG5vdCBhIHJlYWwgc2lnbmF0dXJl';

/** @param {Answer} answer */
function usage({ usage: tokens }) {
  const { input, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0, reasoning = 0, webSearches = 0 } = tokens;
  return {
    input_tokens: input,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h },
    output_tokens: completionTokens(tokens),
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
    ...(webSearches > 0 && { server_tool_use: { web_search_requests: webSearches, web_fetch_requests: 0 } }),
    service_tier: 'standard',
  };
}

/** Content blocks with the pieces they stream in. @param {Answer} answer */
function blocks(answer) {
  const searches = Array.from({ length: answer.usage.webSearches ?? 0 }, (_, index) => {
    const id = `srvtoolu_01ALzezEGs8tF6RPL5m4hRZ${index}`;
    const query = { query: `weather in Paris ${index + 1}` };
    const result = {
      type: 'web_search_result',
      url: 'https://weather.example/paris',
      title: 'Weather in Paris',
      encrypted_content: 'EqgfCioIARgBIiQ3YTAwMjY1Mg==',
      page_age: '2 hours ago',
    };
    return [
      {
        block: { type: 'server_tool_use', id, name: 'web_search', input: query },
        start: { type: 'server_tool_use', id, name: 'web_search', input: {} },
        deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify(query) }],
      },
      { block: { type: 'web_search_tool_result', tool_use_id: id, content: [result] }, deltas: [] },
    ];
  }).flat();
  const thinking = answer.thinking && {
    block: { type: 'thinking', thinking: answer.thinking.join(''), signature: SIGNATURE },
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...answer.thinking.map((piece) => ({ type: 'thinking_delta', thinking: piece })),
      { type: 'signature_delta', signature: SIGNATURE },
    ],
  };
  const text = answer.text && {
    block: { type: 'text', text: answer.text.join('') },
    start: { type: 'text', text: '' },
    deltas: answer.text.map((piece) => ({ type: 'text_delta', text: piece })),
  };
  const tools = (answer.toolCalls ?? []).map(({ id, name, argumentPieces }) => ({
    block: { type: 'tool_use', id: `toolu_${id}`, name, input: JSON.parse(argumentPieces.join('')) },
    start: { type: 'tool_use', id: `toolu_${id}`, name, input: {} },
    deltas: ['', ...argumentPieces].map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
  }));
  return [...(thinking ? [thinking] : []), ...searches, ...(text ? [text] : []), ...tools];
}

/** @param {string} type @param {object} data */
function event(type, data) {
  return { event: type, data: { type, ...data } };
}

function blockEvents({ block, start = block, deltas }, index) {
  return [
    event('content_block_start', { index, content_block: start }),
    event('ping', {}),
    deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ].flat();
}

const ERRORS = {
  400: { type: 'invalid_request_error', message: 'max_tokens: must be greater than or equal to 1' },
  404: { type: 'not_found_error', message: 'Not found' },
  429: { type: 'rate_limit_error', message: "This request would exceed your organization's rate limit." },
  500: { type: 'api_error', message: 'Internal server error' },
  529: { type: 'overloaded_error', message: 'Overloaded' },
};

/** @param {number} status @param {string} [requestId] */
function anthropicError(status, requestId) {
  return { status, body: { type: 'error', error: ERRORS[status] ?? ERRORS[500], request_id: requestId } };
}

/** The messages API. */
export const anthropicMessages = {
  path: '/v1/messages',
  idPrefix: 'msg_',
  error: anthropicError,

  /** @param {any} request @param {Answer} answer @param {string} id */
  body(request, answer, id) {
    return {
      id,
      type: 'message',
      role: 'assistant',
      model: servedModel(request.model),
      content: blocks(answer).map(({ block }) => block),
      stop_reason: STOP_REASONS[answer.finish],
      stop_sequence: null,
      usage: usage(answer),
    };
  },

  /** @param {any} request @param {Answer} answer @param {string} id */
  events(request, answer, id) {
    const { service_tier, output_tokens_details, server_tool_use, ...counts } = usage(answer);
    const start = { ...this.body(request, answer, id), content: [], stop_reason: null };
    return [
      // The count of output tokens at the start is a placeholder; that of message_delta is the total.
      event('message_start', { message: { ...start, usage: { ...counts, output_tokens: 1, service_tier } } }),
      ...blocks(answer).flatMap(blockEvents),
      event('message_delta', {
        delta: { stop_reason: STOP_REASONS[answer.finish], stop_sequence: null },
        usage: {
          input_tokens: counts.input_tokens,
          cache_creation_input_tokens: counts.cache_creation_input_tokens,
          cache_read_input_tokens: counts.cache_read_input_tokens,
          output_tokens: counts.output_tokens,
          ...(output_tokens_details && { output_tokens_details }),
          ...(server_tool_use && { server_tool_use }),
        },
      }),
      event('message_stop', {}),
    ];
  },

  streamError: () => ({ event: 'error', data: anthropicError(529).body }),
};
