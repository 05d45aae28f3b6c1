import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { googleAdk } from '../../src/dialect/google-adk.ts';
import { spanOf } from '../support/span-view.ts';

describe('google-adk dialect', () => {
  test('is known by its scope, and by what it says where the scope is lost', () => {
    expect(dialectOf({}, 'gcp.vertex.agent')?.id).toBe(googleAdk.id);
    expect(dialectOf({ 'gcp.vertex.agent.llm_request': '{}' })?.id).toBe(googleAdk.id);
  });

  test('names are read as Python writes them and as JavaScript does, and what the app passes is left as it is', () => {
    const python = {
      contents: [
        { role: 'model', parts: [{ function_call: { id: '1', name: 'look_up', args: { the_city: 'Paris' } } }] },
      ],
      config: { max_output_tokens: 9 },
    };
    const javascript = {
      contents: [
        { role: 'model', parts: [{ functionCall: { id: '1', name: 'look_up', args: { the_city: 'Paris' } } }] },
      ],
      config: { maxOutputTokens: 9 },
    };
    for (const request of [python, javascript]) {
      const attributes = {
        'gen_ai.system': 'gcp.vertex.agent',
        'gcp.vertex.agent.llm_request': JSON.stringify(request),
      };
      const { call } = googleAdk.read(spanOf({ attributes }));
      expect(call?.parameters).toEqual({ maxTokens: 9 });
      expect(call?.input).toEqual([
        {
          role: 'assistant',
          parts: [{ type: 'tool_call', id: '1', name: 'look_up', arguments: { the_city: 'Paris' } }],
        },
      ]);
    }
  });

  test('media is named by its address, and never in its bytes', () => {
    const parts = [
      { inline_data: { mime_type: 'image/png', data: 'iVBORw0KGgo=' } },
      { file_data: { mime_type: 'video/mp4', file_uri: 'gs://films/one' } },
    ];
    const attributes = {
      'gen_ai.system': 'gcp.vertex.agent',
      'gcp.vertex.agent.llm_request': JSON.stringify({ contents: [{ role: 'user', parts }] }),
    };
    expect(googleAdk.read(spanOf({ attributes })).call?.input?.[0]?.parts).toEqual([
      { type: 'blob', modality: 'image', mime_type: 'image/png', content: '[image/png, 8 bytes]' },
      { type: 'uri', modality: 'video', uri: 'gs://films/one' },
    ]);
  });
});
