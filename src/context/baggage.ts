import { type Baggage, propagation } from '@opentelemetry/api';
import type { LlmContext } from './llm-context.ts';

/**
 * The context values as W3C baggage, under the keys the Langfuse SDKs use (`propagateAttributes` with `asBaggage`), so
 * that both sides understand each other. Baggage travels only through instrumentations that inject it.
 */

/** Fields that are one text entry each. */
export const TEXT_KEYS: Readonly<Record<TextField, string>> = {
  userId: 'langfuse_user_id',
  sessionId: 'langfuse_session_id',
  traceName: 'langfuse_trace_name',
  version: 'langfuse_version',
  promptName: 'langfuse_prompt_name',
};
type TextField = 'userId' | 'sessionId' | 'traceName' | 'version' | 'promptName';

export const PROMPT_VERSION = 'langfuse_prompt_version';
export const TAGS = 'langfuse_tags';
const METADATA_PREFIX = 'langfuse_metadata_';
/** A feature is metadata to every other reader. */
const FEATURE = `${METADATA_PREFIX}feature`;

/** Adds the values to `baggage`. */
export function toBaggage(values: LlmContext, baggage: Baggage = propagation.createBaggage()): Baggage {
  let result = baggage;
  const set = (key: string, value: unknown): void => {
    if (value !== undefined && value !== '') result = result.setEntry(key, { value: String(value) });
  };
  for (const [field, key] of Object.entries(TEXT_KEYS)) set(key, values[field as TextField]);
  set(PROMPT_VERSION, values.promptVersion);
  set(TAGS, values.tags?.join(','));
  for (const [name, value] of Object.entries(values.metadata ?? {})) set(METADATA_PREFIX + name, value);
  set(FEATURE, values.feature);
  return result;
}

/** The values another service sent, if any. */
export function fromBaggage(baggage: Baggage): LlmContext | undefined {
  const entries = baggage.getAllEntries().filter(([key]) => key.startsWith('langfuse_'));
  if (entries.length === 0) return undefined;
  const texts = new Map(entries.map(([key, { value }]) => [key, value]));
  const values: LlmContext = {};
  for (const [field, key] of Object.entries(TEXT_KEYS)) {
    const text = texts.get(key);
    if (text !== undefined) values[field as TextField] = text;
  }
  const promptVersion = Number(texts.get(PROMPT_VERSION) || Number.NaN);
  if (Number.isInteger(promptVersion)) values.promptVersion = promptVersion;
  const tags = texts.get(TAGS)?.split(',').filter(Boolean);
  if (tags?.length) values.tags = tags;
  const feature = texts.get(FEATURE);
  if (feature !== undefined) values.feature = feature;
  const metadata = [...texts].filter(([key]) => key.startsWith(METADATA_PREFIX) && key !== FEATURE);
  if (metadata.length > 0) {
    values.metadata = Object.fromEntries(metadata.map(([key, value]) => [key.slice(METADATA_PREFIX.length), value]));
  }
  return values;
}
