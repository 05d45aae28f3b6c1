import type { Answer, Answers } from './session-server.ts';

const AUDIO = Buffer.alloc(48_000).toString('base64');
const send = (message: object): Answer => ({ send: message });

const SESSION = {
  id: 'sess_1',
  object: 'realtime.session',
  type: 'realtime',
  model: 'gpt-realtime-2025-08-28',
  instructions: 'Be brief.',
  output_modalities: ['audio'],
  tools: [],
  audio: {
    input: { format: { type: 'audio/pcm', rate: 24_000 }, transcription: { model: 'gpt-4o-mini-transcribe' } },
    output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'marin' },
  },
};

/** What the stand-in bills for each answer of its Realtime API. */
const REALTIME_USAGE = {
  total_tokens: 253,
  input_tokens: 132,
  output_tokens: 121,
  input_token_details: {
    text_tokens: 119,
    audio_tokens: 13,
    image_tokens: 0,
    cached_tokens: 64,
    cached_tokens_details: { text_tokens: 64, audio_tokens: 0, image_tokens: 0 },
  },
  output_token_details: { text_tokens: 30, audio_tokens: 91 },
};

const TRANSCRIPTION_USAGE = {
  type: 'tokens',
  total_tokens: 22,
  input_tokens: 13,
  output_tokens: 9,
  input_token_details: { text_tokens: 0, audio_tokens: 13 },
};

export function realtimeAnswers(scenario: string): Answers {
  let count = 0;
  const answer = (): Answer[] => {
    const [response_id, item_id] = [`resp_${scenario}_${++count}`, `item_out_${count}`];
    const place = { response_id, item_id, output_index: 0, content_index: 0 };
    const item = { id: item_id, object: 'realtime.item', type: 'message', role: 'assistant' };
    const response = { object: 'realtime.response', id: response_id, conversation_id: 'conv_1' };
    const begin = [
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [], usage: null } },
      { type: 'response.output_item.added', response_id, output_index: 0, item: { ...item, content: [] } },
      { type: 'conversation.item.added', item: { ...item, status: 'in_progress', content: [] } },
      { type: 'response.output_audio_transcript.delta', ...place, delta: 'Num' },
      { type: 'response.output_audio.delta', ...place, delta: AUDIO },
      { type: 'response.output_audio_transcript.delta', ...place, delta: `ber ${count}.` },
    ].map(send);
    if (scenario === 'stalled') {
      return [...begin, send({ type: 'response.output_text.delta', ...place, content_index: 1, delta: ' ' })];
    }
    if (scenario === 'cut') return [...begin, 'cut'];
    if (scenario === 'expired') return [...begin, { close: 4001, reason: 'session expired' }];
    const content = [{ type: 'output_audio', transcript: `Number ${count}.` }];
    const output = [{ ...item, status: 'completed', content }];
    return [
      ...begin,
      send({ type: 'response.output_item.done', response_id, output_index: 0, item: output[0] }),
      send({ type: 'conversation.item.done', item: output[0] }),
      send({ type: 'response.done', response: { ...response, status: 'completed', output, usage: REALTIME_USAGE } }),
      send({ type: 'rate_limits.updated', rate_limits: [] }),
    ];
  };
  const spoken = { id: 'item_in', object: 'realtime.item', type: 'message', role: 'user', status: 'completed' };
  return {
    hello: [send({ type: 'session.created', session: SESSION })],
    to(message) {
      if (message['type'] === 'response.create') return answer();
      if (message['type'] === 'conversation.item.create') {
        const item = { ...(message['item'] as object), id: `item_in_${count}`, status: 'completed' };
        return [send({ type: 'conversation.item.added', item }), send({ type: 'conversation.item.done', item })];
      }
      if (message['type'] !== 'input_audio_buffer.commit') return [];
      const item = { ...spoken, content: [{ type: 'input_audio', transcript: null }] };
      const transcription = {
        type: 'conversation.item.input_audio_transcription.completed',
        item_id: 'item_in',
        content_index: 0,
        transcript: 'Say a number.',
        usage: TRANSCRIPTION_USAGE,
      };
      return [
        send({ type: 'input_audio_buffer.committed', item_id: 'item_in', previous_item_id: null }),
        send({ type: 'conversation.item.added', item }),
        send(transcription),
        ...answer(),
      ];
    },
  };
}

const RESPONSES_USAGE = {
  input_tokens: 37,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 80,
  output_tokens_details: { reasoning_tokens: 64 },
  total_tokens: 117,
};

export function responsesAnswers(): Answers {
  let count = 0;
  return {
    hello: [],
    to({ type, model }) {
      if (type !== 'response.create') return [];
      const response = { id: `resp_ws_${++count}`, object: 'response', model: `${String(model)}-2025-08-07` };
      const item = { id: `msg_${count}`, type: 'message', role: 'assistant' };
      const place = { item_id: item.id, output_index: 0, content_index: 0 };
      const output = [{ ...item, status: 'completed', content: [{ type: 'output_text', text: 'Yes.' }] }];
      return [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
        { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
        { type: 'response.output_text.delta', ...place, delta: 'Yes.' },
        { type: 'response.output_item.done', output_index: 0, item: output[0] },
        { type: 'response.completed', response: { ...response, status: 'completed', output, usage: RESPONSES_USAGE } },
      ].map(send);
    },
  };
}

const LIVE_USAGE = {
  promptTokenCount: 522,
  responseTokenCount: 42,
  totalTokenCount: 564,
  promptTokensDetails: [
    { modality: 'TEXT', tokenCount: 332 },
    { modality: 'AUDIO', tokenCount: 165 },
  ],
  responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 42 }],
};

export function liveAnswers(): Answers {
  const parts = [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data: AUDIO } }];
  return {
    hello: [],
    isBinary: true,
    to({ setup, clientContent }) {
      if (setup) return [send({ setupComplete: {} })];
      if (!clientContent) return [];
      return [
        { serverContent: { modelTurn: { role: 'model', parts } } },
        { serverContent: { outputTranscription: { text: 'Hello' } } },
        { serverContent: { outputTranscription: { text: ' there.' } } },
        { serverContent: { generationComplete: true } },
        { serverContent: { turnComplete: true }, usageMetadata: LIVE_USAGE },
      ].map(send);
    },
  };
}
