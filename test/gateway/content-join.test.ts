import { expect, test } from 'vitest';
import { ContentJoin } from '../../src/gateway/content-join.ts';
import { decodeJson } from '../../src/gateway/decode-json.ts';
import { type LogEvent, toLogEvents } from '../../src/gateway/log-events.ts';
import { LOGS, TRACES } from '../../src/gateway/otlp-schema.ts';
import { type ReceivedSpan, toReceivedSpans } from '../../src/gateway/received-span.ts';
import { LLM } from '../exporter/readable-spans.ts';
import { jsonSpan, keyValues, spanId, TRACE_ID, tracesRequest } from './gateways.ts';

function received(name: string, attributes: Record<string, unknown> = LLM): ReceivedSpan {
  const request = tracesRequest([jsonSpan(name, undefined, attributes)]);
  const [span] = toReceivedSpans(decodeJson(Buffer.from(JSON.stringify(request)), TRACES)).spans;
  if (!span) throw new Error('no span');
  return span;
}

function logEvents(...records: object[]): LogEvent[] {
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] };
  return toLogEvents(decodeJson(Buffer.from(JSON.stringify(request)), LOGS));
}

const record = (name: string, second: number, fields: object): object => ({
  traceId: TRACE_ID,
  spanId: spanId('chat'),
  timeUnixNano: `${1_750_000_000 + second}000000000`,
  eventName: name,
  ...fields,
});
const body = (attributes: Record<string, unknown>): object => ({
  body: { kvlistValue: { values: keyValues(attributes) } },
});

const USER = record('gen_ai.user.message', 1, body({ content: 'Which cheese?' }));
const CHOICE = record('gen_ai.choice', 2, body({ index: 0, message: { content: 'Gouda.' } }));

const eventsOf = (span: ReceivedSpan | undefined): string[] => (span?.events ?? []).map(({ name }) => name);

test('only content of model calls is kept', () => {
  const named = record('', 1, {
    attributes: keyValues({ 'event.name': 'gen_ai.choice' }),
    body: { stringValue: 'Gouda.' },
  });
  const others = [
    record('http.request', 1, {}),
    record('', 1, {}),
    { ...USER, traceId: '' },
    { ...USER, spanId: undefined },
  ];
  expect(logEvents(...others)).toEqual([]);
  expect(logEvents(named)[0]?.event).toMatchObject({ name: 'gen_ai.choice', attributes: { content: 'Gouda.' } });
});

test('as many events of one span as fit into a request are taken as fast as they come', () => {
  const join = new ContentJoin();
  const [event] = logEvents(USER);
  if (!event) throw new Error('no event');
  const many = Array.from({ length: 30_000 }, (_, content) => ({
    ...event,
    event: { ...event.event, attributes: { content } },
  }));
  join.spansOf(many);
  expect(eventsOf(join.withEvents({ span: received('chat'), project: 'default' }))).toHaveLength(many.length);
});

test('events wait for their span, and come in the order of their times', () => {
  const join = new ContentJoin();
  expect(join.spansOf(logEvents(CHOICE))).toEqual([]);
  expect(join.spansOf(logEvents(USER))).toEqual([]);
  const sent = join.withEvents({ span: received('chat'), project: 'default' });
  expect(eventsOf(sent)).toEqual(['gen_ai.user.message', 'gen_ai.choice']);
  expect(eventsOf(join.withEvents({ span: received('other'), project: 'default' }))).toEqual([]);
});

test('a span that went goes again with each of its events, to its own project', () => {
  const join = new ContentJoin();
  join.withEvents({ span: received('chat'), project: 'team' });
  expect(join.spansOf(logEvents(USER))).toMatchObject([{ project: 'team' }]);
  const [again] = join.spansOf(logEvents(CHOICE));
  expect(eventsOf(again?.span)).toEqual(['gen_ai.user.message', 'gen_ai.choice']);
});

test('spans and events that are sent again change nothing', () => {
  for (const order of ['events first', 'span first']) {
    const join = new ContentJoin();
    const sent = { span: received('chat'), project: 'default' };
    for (let time = 0; time < 2; time++) {
      if (order === 'span first') join.withEvents(sent);
      join.spansOf(logEvents(USER, CHOICE));
      join.spansOf(logEvents(CHOICE));
      expect(eventsOf(join.withEvents(sent))).toEqual(['gen_ai.user.message', 'gen_ai.choice']);
    }
  }
});

test('a span that has its content, or has none to have, is not kept', () => {
  const join = new ContentJoin();
  join.withEvents({
    span: received('chat', { ...LLM, 'gen_ai.input.messages': 'x'.repeat(20_000) }),
    project: 'default',
  });
  expect(join.spansOf(logEvents(USER))).toEqual([]);
  const plain = new ContentJoin();
  plain.withEvents({ span: received('chat', {}), project: 'default' });
  expect(plain.spansOf(logEvents(USER))).toEqual([]);
});
