import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { springAi } from '../../src/dialect/spring-ai.ts';
import { spanOf } from '../support/span-view.ts';

const SCOPE = 'org.springframework.boot';

function readChat(counts: object): DialectReading {
  return springAi.read(spanOf({ attributes: { 'gen_ai.operation.name': 'chat', ...counts } }));
}

describe('spring-ai dialect', () => {
  test('what else Spring Boot observes is not its', () => {
    expect(dialectOf({ 'gen_ai.operation.name': 'chat' }, SCOPE)?.id).toBe(springAi.id);
    expect(dialectOf({ 'spring.ai.kind': 'vector_store' })?.id).toBe(springAi.id);
    expect(dialectOf({ 'http.url': '/' }, SCOPE)).toBeUndefined();
  });

  test('counts that are text are read as the same counts', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (input, output) => {
        const counts = { 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output };
        const texts = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)]));
        expect(readChat(texts)).toEqual(readChat(counts));
      }),
    );
  });
});
