import type { SpanAttributes } from '../model/span.ts';
import { anthropicSdk } from './anthropic-sdk.ts';
import type { Dialect } from './dialect.ts';
import { genAi } from './gen-ai.ts';
import { genkit } from './genkit.ts';
import { googleAdk } from './google-adk.ts';
import { langfuseAttributes, langfuseSdk } from './langfuse-sdk.ts';
import { langsmith } from './langsmith.ts';
import { livekit } from './livekit.ts';
import { mistralSdk } from './mistral-sdk.ts';
import { mlflow } from './mlflow.ts';
import { openInference } from './open-inference.ts';
import { openLlmetry } from './open-llmetry.ts';
import { openlit } from './openlit.ts';
import { pydanticAi } from './pydantic-ai.ts';
import { sentry } from './sentry.ts';
import { springAi } from './spring-ai.ts';
import { strands } from './strands.ts';
import { vercelAi7 } from './vercel-ai-7.ts';
import { vercelAi } from './vercel-ai.ts';

/**
 * Every dialect, most specific first: the first that recognises a span reads it. A new one is a file and a row here.
 * The GenAI conventions come after all that put their attributes beside their own, and Langfuse's attributes last: an
 * app sets them on any span, and what it sets there wins; only its own SDK's spans are about nothing else.
 */
export const DIALECTS: readonly Dialect[] = [
  langfuseSdk,
  openInference,
  vercelAi,
  vercelAi7,
  openLlmetry,
  openlit,
  genkit,
  langsmith,
  mlflow,
  sentry,
  anthropicSdk,
  mistralSdk,
  pydanticAi,
  googleAdk,
  strands,
  livekit,
  springAi,
  genAi,
  langfuseAttributes,
];

/** The dialect of a span; `undefined` for a span that has nothing to do with language models. */
export function dialectOf(attributes: SpanAttributes, scope: string = ''): Dialect | undefined {
  return DIALECTS.find((dialect) => dialect.recognises(attributes, scope));
}
