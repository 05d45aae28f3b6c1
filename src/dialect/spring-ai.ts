import type { SpanAttributes, SpanView } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { asArray, asString, parseJson } from '../util/json-read.ts';
import { underConventions } from './shared/conventional.ts';
import { type Kind, KIND } from './shared/kind.ts';
import type { Dialect } from './dialect.ts';
import { genAi } from './gen-ai.ts';

/** Spring Boot's, for whatever Micrometer observes. */
const SCOPE = 'org.springframework.boot';
const SPAN_KIND = 'spring.ai.kind';

/** What is no model call has one of these; its operation is `framework`. */
const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['chat_client', KIND.workflow],
  ['advisor', { type: 'span', operation: 'advisor' }],
  ['tool_call', KIND.tool],
]);

/** Operations under names of its own. */
const OPERATIONS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([['embedding', KIND.embedding]]);

/** What is done to a store of vectors is not always a search. */
const STORE_OPERATIONS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([['query', KIND.retriever]]);
const OTHER_STORE_OPERATION: Kind = { type: 'span', operation: 'vector_store' };

/** The conventions' names for what goes into work that is no model call, and what comes out of it. */
const NAMES = {
  'spring.ai.tool.call.arguments': GEN_AI.toolArguments,
  'spring.ai.tool.call.result': GEN_AI.toolResult,
  'db.vector.query.content': GEN_AI.toolArguments,
  'db.vector.query.response.documents': GEN_AI.toolResult,
  'spring.ai.chat.client.conversation.id': 'gen_ai.conversation.id',
} as const;

const CARRIED =
  /^(?:spring\.ai\.tool\.call\.(?:arguments|result)|spring\.ai\.chat\.client\.(?:system|user)\.(?:text|params?)|db\.vector\.query\.(?:content|response\.documents))$/;

/**
 * Spring AI, through Micrometer, for which every value is text: numbers and lists are read from it.
 * @see https://docs.spring.io/spring-ai/reference/observability/
 */
export const springAi: Dialect = {
  id: 'spring-ai',
  recognises: (attributes, scope) =>
    attributes[SPAN_KIND] !== undefined || (scope === SCOPE && genAi.recognises(attributes, scope)),
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const kind = kindOf(span.attributes);
    const reading = genAi.read(underConventions(withValues(span), NAMES));
    if (!kind) return reading;
    const { type, operation } = kind;
    return { ...reading, type, ...(reading.call && { call: { ...reading.call, operation } }) };
  },
};

function kindOf(attributes: SpanAttributes): Kind | undefined {
  const kind = attributes[SPAN_KIND];
  if (kind === 'vector_store') return STORE_OPERATIONS.get(attributes['db.operation.name']) ?? OTHER_STORE_OPERATION;
  return KINDS.get(kind) ?? OPERATIONS.get(attributes[GEN_AI.operation]);
}

function withValues(span: SpanView): SpanView {
  const attributes: Record<string, unknown> = { ...span.attributes };
  for (const [name, value] of Object.entries(span.attributes)) {
    if (MEASURED.test(name)) attributes[name] = valueOf(value);
  }
  return { ...span, attributes };
}

const MEASURED = /^gen_ai\.(?:usage|request|response)\./;

/** `none` is what Spring AI writes where it knows nothing. */
function valueOf(value: unknown): unknown {
  const text = asString(value);
  if (text === undefined) return value;
  if (text === 'none') return undefined;
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  return (text.startsWith('[') && asArray(parseJson(text))) || value;
}
