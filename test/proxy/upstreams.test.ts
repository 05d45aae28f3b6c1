import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../src/proxy/public-addresses.ts';
import { findTarget, givenProviders, upstreamsWith } from '../../src/proxy/upstreams.ts';

describe('findTarget', () => {
  const upstreams = upstreamsWith({
    local: 'http://[::1]:8000',
    litellm: 'http://llm.internal:4000/team-a',
    groq: 'http://10.0.0.5',
  });
  const asked = (target: string): string | undefined => {
    const found = findTarget(upstreams, target);
    return found && found.upstream.url.origin + found.path;
  };

  test.each([
    ['/openai/v1/chat/completions', 'https://api.openai.com/v1/chat/completions'],
    ['/anthropic/v1/messages?beta=true', 'https://api.anthropic.com/v1/messages?beta=true'],
    [
      '/google/v1beta/models/m:generateContent?key=a&alt=sse',
      'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent?key=a&alt=sse',
    ],
    ['/cohere/v2/chat', 'https://api.cohere.com/v2/chat'],
    ['/mistral/v1/fim/completions', 'https://api.mistral.ai/v1/fim/completions'],
    ['/litellm/v1/models', 'http://llm.internal:4000/team-a/v1/models'],
    ['/litellm', 'http://llm.internal:4000/team-a'],
    ['/local', 'http://[::1]:8000/'],
    ['/local?x=/../y', 'http://[::1]:8000/?x=/../y'],
    ['/local/a%2Fb//c...d/.e?f', 'http://[::1]:8000/a%2Fb//c...d/.e?f'],
    ['/groq/openai/v1/chat/completions', 'http://10.0.0.5/openai/v1/chat/completions'],
  ])('%s', (target, expected) => {
    expect(asked(target)).toBe(expected);
  });

  test('no path leads out of the address it is put after, or to another host', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '//',
      '%2e',
      '%2E',
      '%2f',
      '%5C',
      '\\',
      ';',
      '?',
      '#',
      '@',
      ':',
      'a',
      'b.c',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.string(), (pieces, tail) => {
        const found = findTarget(upstreams, `/litellm/${pieces.join('')}${tail}`);
        if (!found) return;
        expect(found.path.startsWith('/team-a/')).toBe(true);
        // As a server that decodes first would resolve it.
        const [path = ''] = found.path.split('?');
        const decoded = path.replaceAll(/%2e/gi, '.').replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\');
        expect(new URL(`http://llm.internal:4000${decoded}`).pathname).toMatch(/^\/team-a\//);
      }),
    );
  });
});

test('addresses that are built in are names of public hosts, over TLS', () => {
  for (const { url } of upstreamsWith({}).values()) {
    expect(url.protocol).toBe('https:');
    expect(url.href).toBe(`${url.origin}/`);
    expect(isPublicAddress(url.hostname)).toBe(false);
    expect(url.hostname).toMatch(/^[a-z.]+\.[a-z]+$/);
  }
});

test('who is at an address that is given for a known name', () => {
  expect(
    givenProviders({
      groq: 'http://10.0.0.5',
      google: 'https://gemini.internal:8443/base',
      mine: 'http://10.0.0.6',
      // A gateway to several says itself who answers.
      openai: 'http://litellm:4000',
      anthropic: 'http://litellm:4000/anthropic',
    }),
  ).toEqual({ '10.0.0.5': 'groq', 'gemini.internal:8443': 'gcp.gemini' });
});
