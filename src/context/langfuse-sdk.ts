import { type Context, createContextKey } from '@opentelemetry/api';
import { asNumber, asObject, asString, asStrings, defined } from '../util/json-read.ts';
import { PROMPT_VERSION, TAGS, TEXT_KEYS } from './baggage.ts';
import type { LlmContext } from './llm-context.ts';

/**
 * What an app said with `propagateAttributes` of the Langfuse SDK, or gave to its LangChain handler. It waits in the
 * context for the SDK's own span processor; where ours takes that one's place, nobody else would write it on the spans.
 * The keys are those of its baggage, and every copy of the API makes the same keys of the same names.
 */
const TEXTS = Object.entries(TEXT_KEYS).map(([field, name]) => [field, createContextKey(name)] as const);
const OTHERS = {
  promptVersion: createContextKey(PROMPT_VERSION),
  tags: createContextKey(TAGS),
  metadata: createContextKey('langfuse_metadata'),
};
const KEYS: readonly symbol[] = [...TEXTS.map(([, key]) => key), ...Object.values(OTHERS)];

/** The values the Langfuse SDK holds in a context, if any. */
export function fromLangfuseSdk(from: Context): LlmContext | undefined {
  // Asked at the start of every span: mostly nothing is there.
  if (KEYS.every((key) => from.getValue(key) === undefined)) return undefined;
  return defined({
    ...Object.fromEntries(TEXTS.map(([field, key]) => [field, asString(from.getValue(key))])),
    promptVersion: asNumber(from.getValue(OTHERS.promptVersion)),
    tags: asStrings(from.getValue(OTHERS.tags)),
    metadata: asObject(from.getValue(OTHERS.metadata)) as LlmContext['metadata'],
  });
}
