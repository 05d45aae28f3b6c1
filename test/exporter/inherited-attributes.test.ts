import { context, type Attributes, type Span, trace, type Tracer } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LlmSpanProcessor } from '../../src/exporter/index.ts';
import { RecordingDelivery } from '../support/recording-delivery.ts';

let delivery: RecordingDelivery;
let processor: LlmSpanProcessor;
let tracer: Tracer;
beforeEach(() => {
  delivery = new RecordingDelivery();
  processor = new LlmSpanProcessor({ delivery });
  tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
});
afterEach(() => processor.shutdown());

function start(name: string, attributes: Attributes, parent?: Span): Span {
  return tracer.startSpan(name, { attributes }, parent && trace.setSpan(context.active(), parent));
}

const CALL = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 1 };
const WHOSE = {
  'user.id': 'ada',
  'session.id': 's1',
  'langfuse.trace.name': 'answer',
  'langfuse.trace.tags': ['feature:qa'],
  'langfuse.trace.metadata.feature': 'qa',
};

test('calls below a span say whose trace they are of', async () => {
  const top = start('agent', { ...WHOSE, 'langfuse.observation.prompt.name': 'its own' });
  const chain = start('chain', {}, top);
  start('call', CALL, chain).end();
  start('call of another', { ...CALL, 'user.id': 'bob' }, chain).end();
  chain.end();
  top.end();
  start('call elsewhere', CALL).end();
  await processor.forceFlush();
  expect(delivery.span('call').attributes).toMatchObject(WHOSE);
  expect(delivery.span('call').attributes).not.toHaveProperty(['langfuse.observation.prompt.name']);
  expect(delivery.span('call of another').attributes).toMatchObject({ ...WHOSE, 'user.id': 'bob' });
  expect(delivery.span('call elsewhere').attributes).not.toHaveProperty(['user.id']);
});
