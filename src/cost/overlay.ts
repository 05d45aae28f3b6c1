/**
 * What providers bill and the catalog cannot express, as data: how a call was served (tier, speed, region), when, what
 * it used besides tokens, and models the catalog lacks. `source` says where each row is documented.
 */
import { ANTHROPIC_MODELS, ANTHROPIC_RULES } from './overlay/anthropic.ts';
import { BEDROCK_MODELS, BEDROCK_RULES } from './overlay/bedrock.ts';
import { DEEPSEEK_MODELS, DEEPSEEK_RULES } from './overlay/deepseek.ts';
import { GOOGLE_MODELS, GOOGLE_RULES } from './overlay/google.ts';
import { OPENAI_MODELS } from './overlay/openai-models.ts';
import { OPENAI_RULES } from './overlay/openai.ts';
import type { OverlayModel } from './overlay/overlay-model.ts';
import { VENDOR_MODELS, VENDOR_RULES } from './overlay/vendors.ts';
import type { PriceRule } from './price-rule.ts';

export const PRICE_RULES: readonly PriceRule[] = [
  ...OPENAI_RULES,
  ...ANTHROPIC_RULES,
  ...GOOGLE_RULES,
  ...BEDROCK_RULES,
  ...DEEPSEEK_RULES,
  ...VENDOR_RULES,
];

/** Looked up before the catalog. */
export const OVERLAY_MODELS: readonly OverlayModel[] = [
  ...OPENAI_MODELS,
  ...ANTHROPIC_MODELS,
  ...GOOGLE_MODELS,
  ...BEDROCK_MODELS,
  ...DEEPSEEK_MODELS,
  ...VENDOR_MODELS,
];

/** Names of tiers that are billed at list prices. */
export const STANDARD_TIERS: ReadonlySet<string> = new Set([
  'default',
  'standard',
  'on_demand',
  'scale', // OpenAI scale tier: list price against a commitment
]);
