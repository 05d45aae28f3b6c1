import { completionTokens, interleave, openaiCacheDetails, promptTokens, servedModel } from './answers.mjs';
import { CREATED_AT, openaiError } from './openai-common.mjs';

/** @import { Answer } from './answers.mjs' */

/** @param {Answer} answer */
function usage({ usage: tokens }) {
  return {
    input_tokens: promptTokens(tokens),
    input_tokens_details: openaiCacheDetails(tokens),
    output_tokens: completionTokens(tokens),
    output_tokens_details: { reasoning_tokens: tokens.reasoning ?? 0 },
    total_tokens: promptTokens(tokens) + completionTokens(tokens),
  };
}

/** Output items with the events between their start and their end. @param {Answer} answer @param {string} suffix */
function items(answer, suffix) {
  const reasoning = answer.thinking && {
    item: {
      id: `rs_${suffix}`,
      type: 'reasoning',
      summary: [summaryPart(answer.thinking.join(''))],
    },
    start: { summary: [] },
    events: reasoningEvents(answer.thinking),
  };
  const searches = Array.from({ length: answer.usage.webSearches ?? 0 }, (_, index) => ({
    item: {
      id: `ws_${suffix}${index}`,
      type: 'web_search_call',
      status: 'completed',
      action: { type: 'search', query: `weather in Paris ${index + 1}` },
    },
    start: { status: 'in_progress' },
    events: ['in_progress', 'searching', 'completed'].map((step) => ({ type: `response.web_search_call.${step}` })),
  }));
  const message = answer.text && {
    item: {
      id: `msg_${suffix}`,
      type: 'message',
      status: answer.finish === 'length' ? 'incomplete' : 'completed',
      role: 'assistant',
      content: [textPart(answer.text.join(''))],
    },
    start: { status: 'in_progress', content: [] },
    events: textEvents(answer.text),
  };
  const calls = (answer.toolCalls ?? []).map(({ id, name, argumentPieces }) => ({
    item: {
      id: `fc_${id}`,
      type: 'function_call',
      status: 'completed',
      call_id: `call_${id}`,
      name,
      arguments: argumentPieces.join(''),
    },
    start: { status: 'in_progress', arguments: '' },
    argumentPieces,
  }));
  return [...(reasoning ? [reasoning] : []), ...searches, ...(message ? [message] : []), ...calls];
}

/** @param {string} text */
function textPart(text) {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** @param {string} text */
function summaryPart(text) {
  return { type: 'summary_text', text };
}

/** @param {string[]} pieces */
function textEvents(pieces) {
  const text = pieces.join('');
  return [
    { type: 'response.content_part.added', content_index: 0, part: textPart('') },
    ...pieces.map((delta) => ({ type: 'response.output_text.delta', content_index: 0, delta, logprobs: [] })),
    { type: 'response.output_text.done', content_index: 0, text, logprobs: [] },
    { type: 'response.content_part.done', content_index: 0, part: textPart(text) },
  ];
}

/** @param {string[]} pieces */
function reasoningEvents(pieces) {
  const text = pieces.join('');
  return [
    { type: 'response.reasoning_summary_part.added', summary_index: 0, part: summaryPart('') },
    ...pieces.map((delta) => ({ type: 'response.reasoning_summary_text.delta', summary_index: 0, delta })),
    { type: 'response.reasoning_summary_text.done', summary_index: 0, text },
    { type: 'response.reasoning_summary_part.done', summary_index: 0, part: summaryPart(text) },
  ];
}

/** The Responses API. */
export const openaiResponses = {
  path: '/v1/responses',
  idPrefix: 'resp_',
  error: openaiError,

  /** @param {any} request @param {Answer} answer @param {string} id */
  body(request, answer, id) {
    const incomplete = answer.finish === 'length';
    return {
      id,
      object: 'response',
      created_at: CREATED_AT,
      status: incomplete ? 'incomplete' : 'completed',
      background: false,
      error: null,
      incomplete_details: incomplete ? { reason: 'max_output_tokens' } : null,
      instructions: request.instructions ?? null,
      max_output_tokens: request.max_output_tokens ?? null,
      model: servedModel(request.model),
      output: items(answer, id.slice(5)).map(({ item }) => item),
      parallel_tool_calls: true,
      previous_response_id: request.previous_response_id ?? null,
      reasoning: { effort: request.reasoning?.effort ?? null, summary: null },
      service_tier: 'default',
      store: true,
      temperature: 1,
      text: request.text ?? { format: { type: 'text' } },
      tool_choice: request.tool_choice ?? 'auto',
      tools: request.tools ?? [],
      top_p: 1,
      truncation: 'disabled',
      usage: usage(answer),
      user: null,
      metadata: request.metadata ?? {},
    };
  },

  /** @param {any} request @param {Answer} answer @param {string} id */
  events(request, answer, id) {
    const whole = this.body(request, answer, id);
    const started = { ...whole, status: 'in_progress', incomplete_details: null, output: [], usage: null };
    const parts = items(answer, id.slice(5));
    const added = (index) => ({
      type: 'response.output_item.added',
      output_index: index,
      item: { ...parts[index].item, ...parts[index].start },
    });
    const done = (index) => ({ type: 'response.output_item.done', output_index: index, item: parts[index].item });
    const located = (index, event) => ({ item_id: parts[index].item.id, output_index: index, ...event });

    const sequential = parts.flatMap((part, index) =>
      part.events ? [added(index), ...part.events.map((event) => located(index, event)), done(index)] : [],
    );
    const callIndexes = parts.flatMap((part, index) => (part.argumentPieces ? [index] : []));
    const calls = [
      ...callIndexes.map(added),
      ...interleave(callIndexes.map((index) => parts[index].argumentPieces)).map(({ index, piece }) =>
        located(callIndexes[index], { type: 'response.function_call_arguments.delta', delta: piece }),
      ),
      ...callIndexes.flatMap((index) => [
        located(index, { type: 'response.function_call_arguments.done', arguments: parts[index].item.arguments }),
        done(index),
      ]),
    ];
    return [
      { type: 'response.created', response: started },
      { type: 'response.in_progress', response: started },
      ...sequential,
      ...calls,
      { type: whole.status === 'incomplete' ? 'response.incomplete' : 'response.completed', response: whole },
    ].map(({ type, ...rest }, sequence) => ({ event: type, data: { type, sequence_number: sequence, ...rest } }));
  },

  streamError: () => {
    const { message, code, param } = openaiError(500).body.error;
    return { event: 'error', data: { type: 'error', code, message, param } };
  },
};
