import type { Mask } from '../config/config.ts';
import type { TextRewrite } from '../delivery/otlp-value.ts';
import { DIALECTS } from '../dialect/dialects.ts';
import { LANGFUSE } from '../langfuse/attributes.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import { ERROR_TYPE, GEN_AI, MASKED, OURS, SERVER_ADDRESS } from '../semconv/attributes.ts';
import { applyMask } from '../semconv/content.ts';
import { CALL_FIELDS, OPENAI_SERVICE_TIER, PARAMETER_FIELDS, PROMPT_NAME } from '../semconv/fields.ts';
import { parseJson } from '../util/json-read.ts';

/**
 * What of a span may leave the process. With content switched off nothing goes that any dialect knows as content; texts
 * of errors and metadata of the app stay. A mask sees every text but names, ids and settings ({@link isTechnical}).
 */

/** Carried by a dialect, and no content: what the app says about its work, and what was counted. */
const NO_CONTENT =
  /^(?:metadata|tag\.tags|ai\.telemetry\.metadata|traceloop\.association\.properties|gen_ai\.usage|otel_langfuse|langfuse\.observation\.(?:usage|cost)_details)(?:\.|$)/;

/** The span without content, by the names of all dialects: instrumentations put theirs on each other's spans. */
export function withoutContent(view: SpanView): SpanView {
  const events = view.events.filter(({ name }) => !DIALECTS.some((dialect) => dialect.carriesEvent(name)));
  return {
    ...view,
    attributes: withoutContentOf(view.attributes),
    events: events.map((event) => ({ ...event, attributes: withoutContentOf(event.attributes) })),
    links: view.links.map((link) => ({ ...link, attributes: withoutContentOf(link.attributes) })),
  };
}

function withoutContentOf(attributes: SpanAttributes): SpanAttributes {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(attributes)) if (!isContent(name)) kept[name] = attributes[name];
  return kept;
}

function isContent(name: string): boolean {
  return !NO_CONTENT.test(name) && DIALECTS.some((dialect) => dialect.carries(name));
}

/** Where Langfuse has what was said. */
const CONTENT = [LANGFUSE.input, LANGFUSE.output, LANGFUSE.traceInput, LANGFUSE.traceOutput] as const;

/** Attributes for Langfuse without what was said. */
export function withoutInputAndOutput(attributes: SpanAttributes): SpanAttributes {
  const kept: Record<string, unknown> = { ...attributes };
  for (const name of CONTENT) delete kept[name];
  return kept;
}

/** What an instrumentation of the GenAI conventions says in names and numbers. Stop sequences are the app's own text. */
const TECHNICAL_NAMES: ReadonlySet<string> = new Set([
  ...[...CALL_FIELDS, ...PARAMETER_FIELDS, OPENAI_SERVICE_TIER, PROMPT_NAME]
    .filter(({ field }) => field !== 'stopSequences')
    .flatMap(({ attribute, former = [] }) => [attribute, ...former]),
  GEN_AI.operation,
  GEN_AI.toolName,
  GEN_AI.agentName,
  'gen_ai.tool.type',
  'gen_ai.tool.call.id',
  'gen_ai.agent.id',
  OURS.usageFormat,
  OURS.usageRaw,
  OURS.billing,
  OURS.estimateMethod,
  ERROR_TYPE,
  'exception.type',
  SERVER_ADDRESS,
  'http.request.method',
  'url.scheme',
  LANGFUSE.userId,
  LANGFUSE.sessionId,
]);

/** What Langfuse files a span under, and what a resource says of the service and where it runs. */
const TECHNICAL_SPACES =
  /^(?:langfuse\.(?!(?:observation|trace)\.(?:input|output|metadata)(?:\.|$)|observation\.(?:status_message|model\.parameters)$)|(?:service|telemetry|deployment|host|os|cloud|container|k8s)\.)/;

function isTechnical(attribute: string): boolean {
  return TECHNICAL_NAMES.has(attribute) || TECHNICAL_SPACES.test(attribute);
}

/** Structures of which Langfuse shows the keys. */
const STRUCTURED = /^langfuse\.(?:(?:observation|trace)\.metadata(?:\.|$)|observation\.model\.parameters$)/;

/**
 * What the mask makes of each text of a span for Langfuse. Metadata we derived is as it is to be: it went through
 * {@link maskedMetadata}, or it is ours.
 * @param unseen attributes that are the span's own
 */
export function maskingOf(mask: Mask, unseen: SpanAttributes): TextRewrite {
  return (text, attribute) => {
    if (isTechnical(attribute)) return text;
    if (attribute.startsWith(LANGFUSE.metadata) && !(attribute in unseen)) return text;
    return STRUCTURED.test(attribute) ? maskedText(mask, text, attribute) : applyMask(mask, text, attribute);
  };
}

/** Metadata that a dialect read, masked. */
export function maskedMetadata(
  mask: Mask,
  metadata: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const masked: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(metadata)) {
    const attribute = LANGFUSE.metadata + key;
    if (typeof value === 'string') masked[key] = maskedText(mask, value, attribute);
    else masked[key] = typeof value === 'object' ? maskedJson(mask, value, attribute) : value;
  }
  return masked;
}

/** Of JSON each text by itself, so that keys, numbers and the structure stay. */
function maskedText(mask: Mask, text: string, attribute: string): string {
  const value = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  return value === undefined ? applyMask(mask, text, attribute) : maskedJson(mask, value, attribute);
}

function maskedJson(mask: Mask, value: unknown, attribute: string): string {
  try {
    return JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'string' ? applyMask(mask, inner, attribute) : inner,
    );
  } catch {
    // Circular or too deep to be looked through.
    return MASKED;
  }
}
