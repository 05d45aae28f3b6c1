import { describe, expect, test } from 'vitest';
import { DIALECTS, dialectOf } from '../../src/dialect/dialects.ts';
import { Pipeline } from '../../src/exporter/pipeline.ts';
import type { ReadableSpanLike } from '../../src/exporter/readable-span.ts';
import type { SelectedSpan } from '../../src/exporter/select.ts';
import type { SpanView } from '../../src/model/span.ts';
import { LLM, readableSpan } from './readable-spans.ts';
import { recordOf } from '../support/record-of.ts';
import { parseRecord } from '../support/recording-delivery.ts';
import { spanFixtures } from '../support/span-fixtures.ts';
import { spanOf } from '../support/span-view.ts';

const OTHER = { name: 'db', attributes: { 'db.system': 'postgresql' } };
const spans: [id: string, span: SpanView][] = [
  ...DIALECTS.flatMap(({ id }) =>
    spanFixtures(id).map(({ name, span }): [string, SpanView] => [`${id}/${name}`, span]),
  ),
  ['no dialect', spanOf(OTHER)],
];

function recorded(span: SpanView, settings: Parameters<typeof recordOf>[2]): string {
  return recordOf(span, dialectOf(span.attributes, span.scope.name), settings);
}

/** The span with a secret wherever somebody could put one. */
function withSecrets(span: SpanView): SpanView {
  const json = '{"note":"a secret","count":7}';
  const secrets = { text: 'a secret', list: ['a secret', 7], json, nested: { list: ['a secret'] } };
  const metadata = { metadata: json, 'langfuse.trace.metadata.note': json, 'langfuse.observation.metadata.note': json };
  const content = { 'langfuse.observation.input': 'a secret', 'gen_ai.tool.description': 'a secret' };
  return {
    ...span,
    attributes: { ...span.attributes, ...secrets, ...metadata, ...content, 'http.request.body': json },
    events: [...span.events, { name: 'exception', time: span.endTime, attributes: secrets }],
    links: [{ traceId: '1af7651916cd43dd8448eb211c80319c', spanId: 'c7ad6b7169203331', attributes: secrets }],
    resource: { ...span.resource, 'process.command_args': ['ask.js', 'a secret'], 'service.name': 'shop' },
    status: { code: 2, message: 'cannot parse a secret' },
  };
}

describe.each(spans)('%s', (_, span) => {
  test('no secret passes by the mask, wherever it is', () => {
    const sent = recorded(withSecrets(span), {
      captureContent: true,
      mask: (text) => text.replaceAll('secret', '***'),
    });
    expect(sent).not.toContain('secret');
    expect(parseRecord(sent).attributes).toMatchObject({
      'langfuse.observation.metadata.note': '{"note":"a ***","count":7}',
      'langfuse.trace.metadata.note': '{"note":"a ***","count":7}',
    });
  });

  test.each<[string, () => unknown]>([
    ['throws', throws],
    ['returns no text', () => ({ toString: () => 'a secret' })],
    ['is asynchronous', async () => 'a secret'],
  ])('nothing is sent if the mask %s', (__, mask) => {
    const sent = recorded(withSecrets(span), { captureContent: true, mask: mask as () => string });
    expect(sent).not.toContain('secret');
    expect(sent).toContain('[masked]');
  });

  test('content of any dialect obeys the switch', () => {
    const event = { name: 'note', time: span.endTime, attributes: CONTENT };
    const view = { ...span, attributes: { ...span.attributes, ...CONTENT }, events: [...span.events, event] };
    const dialect = dialectOf(span.attributes, span.scope.name);
    expect(recordOf(view, dialect, { captureContent: true })).toContain('a secret');
    expect(recordOf(view, dialect, { captureContent: false })).not.toContain('a secret');
  });
});

/** Where the dialects have content. */
const CONTENT = {
  'gen_ai.input.messages': 'a secret',
  'gen_ai.prompt.0.content': 'a secret',
  'langfuse.observation.output': 'a secret',
  'langfuse.trace.input': 'a secret',
  'input.value': 'a secret',
  'llm.output_messages.0.message.content': 'a secret',
  'traceloop.entity.input': 'a secret',
  'ai.prompt.messages': 'a secret',
  'ai.response.text': 'a secret',
};

describe('what stays', () => {
  const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini' };

  test('metadata, user and session of the app stay where content is switched off', () => {
    const attributes = { ...call, metadata: '{"plan":"pro"}', 'user.id': 'ada', 'ai.telemetry.metadata.plan': 'pro' };
    const sent = parseRecord(recorded(spanOf({ attributes }), { captureContent: false }));
    expect(sent.attributes).toMatchObject(attributes);
  });

  test('attributes of other instrumentations stay where content is switched off', () => {
    const attributes = {
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'url.full': 'https://shop.example/orders?page=2',
      'db.query.text': 'SELECT 1',
      'messaging.message.id': '7',
      'server.address': 'shop.example',
      'code.function.name': 'order',
      'thread.name': 'main',
      'peer.service': 'orders',
      'rpc.method': 'Order',
      'app.order.id': '17',
      'user.id': 'ada',
      'session.id': 'chat-17',
    };
    const sent = parseRecord(recorded(spanOf({ attributes }), { captureContent: false }));
    expect(sent.attributes).toMatchObject(attributes);
  });

  test('names, ids, settings and counts are not masked', () => {
    const attributes = {
      ...call,
      'gen_ai.provider.name': 'openai',
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.tool.name': 'search',
      'error.type': 'rate_limit',
      'user.id': 'ada',
      'session.id': 'chat-17',
      'langfuse.trace.name': 'answer',
      'langfuse.trace.tags': ['beta'],
    };
    const resource = { 'service.name': 'shop', 'deployment.environment.name': 'test' };
    const view = spanOf({ attributes, resource, name: 'chat gpt-4o-mini' });
    const sent = parseRecord(recorded(view, { captureContent: true, mask: () => 'hidden' }));
    expect(sent).toMatchObject({ name: 'chat gpt-4o-mini', attributes, resource });
  });

  test('metadata of the app is masked even under a name of ours', () => {
    const metadata = { server: 'the secret server', provider: 'a secret', cost_usd: 'a secret' };
    const attributes = { 'openinference.span.kind': 'CHAIN', metadata: JSON.stringify(metadata) };
    const sent = recorded(spanOf({ attributes }), { captureContent: true, mask: () => 'hidden' });
    expect(sent).not.toContain('secret');
  });

  test('a span that is corrected after a restart says of its cost what it said before, and no more of its content', () => {
    const agent = { ...LLM, 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 3000 };
    const parent = readableSpan({ name: 'agent', attributes: { ...agent, note: 'a secret' } });
    const child = readableSpan({ name: 'chat', parent: 'agent', attributes: LLM });
    const settings = { captureContent: true, mask: () => 'hidden' };
    const before = new Pipeline(settings).toRecords([selected(parent)]);
    const restarted = new Pipeline(settings);
    restarted.restore(before);
    const [, corrected = ''] = restarted.toRecords([selected(child)]);
    expect(corrected).not.toContain('secret');
    expect(parseRecord(corrected).attributes).toMatchObject({
      'langfuse.observation.usage_details': '{"input":2000,"total":2000}',
      'langfuse.observation.metadata.provider': 'openai',
      'langfuse.observation.metadata.cost_usd': '0.0003',
    });
  });

  test('a mask is told which attribute the text is of', () => {
    const attributes = { ...call, note: 'a', 'langfuse.trace.metadata.plan': '["b"]' };
    const status = { code: 2, message: 'c' };
    const seen: [string, string][] = [];
    const mask = (text: string, where: { attribute: string }): string => {
      seen.push([text, where.attribute]);
      return text;
    };
    recorded(spanOf({ attributes, status }), { captureContent: true, mask });
    expect(seen).toContainEqual(['a', 'note']);
    expect(seen).toContainEqual(['b', 'langfuse.trace.metadata.plan']);
    expect(seen).toContainEqual(['c', 'status.message']);
  });

  test('metadata that cannot be looked through is withheld', () => {
    const deep = `${'['.repeat(50_000)}"a secret"${']'.repeat(50_000)}`;
    const attributes = { ...call, 'langfuse.observation.metadata.deep': deep };
    const sent = recorded(spanOf({ attributes }), { captureContent: true, mask: (text) => text });
    expect(parseRecord(sent).attributes['langfuse.observation.metadata.deep']).toBe('[masked]');
  });
});

function selected(span: ReadableSpanLike): SelectedSpan {
  return { span, dialect: dialectOf(span.attributes), isTop: false };
}

function throws(): never {
  throw new Error('broken');
}
