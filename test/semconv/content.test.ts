import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyMask, contentText, cutJson, cutText } from '../../src/semconv/content.ts';

function throws(): string {
  throw new Error('bug');
}

describe('content', () => {
  test('short content is plain JSON', () => {
    expect(contentText([{ role: 'user' }], 'gen_ai.input.messages', 100)).toBe('[{"role":"user"}]');
  });

  test('long texts give way first; the JSON stays valid and short texts whole', () => {
    const content = [
      { role: 'user', parts: [{ type: 'text', content: 'a'.repeat(50_000) }] },
      { role: 'assistant', parts: [{ type: 'text', content: 'Yes.' }] },
    ];
    const text = contentText(content, 'gen_ai.input.messages', 1000);
    const [user, assistant] = JSON.parse(text) as typeof content;
    expect(text.length).toBeLessThan(1100);
    expect(assistant).toEqual(content[1]);
    expect(user?.parts[0]?.content).toMatch(/^a{500,}… \[\d+ characters cut\]$/);
  });

  test('of very many messages the newest stay', () => {
    const content = Array.from({ length: 10_000 }, (_, index) => ({
      role: 'user',
      parts: [{ type: 'text', content: `${index}` }],
    }));
    const text = cutJson(content, 5000);
    expect(text.length).toBeLessThanOrEqual(10_000);
    const items = JSON.parse(text) as { content?: string }[];
    expect(items.at(-1)).toEqual(content.at(-1));
    expect(items[0]?.content).toBe(`… [${10_000 - (items.length - 1)} items cut]`);
  });

  test('a cut never leaves half a character', () => {
    expect(cutText('ab😀cd', 3)).toBe('ab… [4 characters cut]');
  });

  test('whatever the content, the text is JSON of about the length allowed', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), fc.integer({ min: 20, max: 300 }), (value, length) => {
        const content = JSON.parse(JSON.stringify(value)) as never;
        JSON.parse(contentText(content, 'a', length));
      }),
    );
  });

  test('the mask comes before the cut, so that no half of a secret is left', () => {
    const secret = 'sk-1234567890';
    const mask = (text: string): string => text.replaceAll(secret, '***');
    for (let length = 5; length < 60; length++) {
      const text = contentText([`${'x'.repeat(20)}${secret}`], 'a', length, mask);
      expect(text).not.toContain('sk-');
    }
  });

  test('a mask knows the attribute', () => {
    expect(applyMask((text, { attribute }) => `${attribute}:${text}`, 'x', 'a')).toBe('a:x');
  });

  test('a mask that throws or returns no text masks everything', () => {
    expect(applyMask(throws, 'secret', 'a')).toBe('[masked]');
    expect(applyMask((() => undefined) as never, 'secret', 'a')).toBe('[masked]');
  });
});
