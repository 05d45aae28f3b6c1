import type { ChatMessage, ContentPart } from './chat-message.ts';
import { imageSizeOf } from './image-size.ts';

/** In pixels. */
export interface ImageSize {
  width: number;
  height: number;
}

type Detail = 'low' | 'high';
type Formula = (size: ImageSize, detail: Detail) => number;

/** Tokens of an image by model, the first that fits. An unknown model is taken for one of OpenAI's. */
const FORMULAS: readonly (readonly [model: RegExp, formula: Formula])[] = [
  [/claude/, claude],
  [/gemini-[3-9]/, () => 1120],
  [/gemini/, gemini],
  [/gpt-4\.1-mini/, patches(1.62)],
  [/gpt-4\.1-nano/, patches(2.46)],
  [/o4-mini|codex-mini/, patches(1.72)],
  [/gpt-5-nano/, patches(1.5)],
  [/gpt-5(?:\.\d+)?-mini|gpt-5\.[2-9]/, patches(1.2)],
  [/gpt-5/, tiles(70, 140)],
  [/gpt-4o-mini/, tiles(2833, 5667)],
  [/(?:^|\/)o[13]/, tiles(75, 150)],
];

/** An image at an address has a size only its host knows. */
const UNKNOWN_SIZE: ImageSize = { width: 1024, height: 1024 };

/**
 * Tokens of one image by the formula its vendor publishes: an estimate, because how images are scaled is not always
 * as published.
 * @see https://platform.openai.com/docs/guides/images-vision#calculating-costs
 * @see https://docs.anthropic.com/en/docs/build-with-claude/vision#calculate-image-costs
 * @see https://ai.google.dev/gemini-api/docs/tokens#multimodal-tokens
 */
export function countImageTokens(
  { width, height }: ImageSize,
  { model, detail = 'high' }: { model: string; detail?: Detail },
): number {
  const name = model.toLowerCase();
  const formula = FORMULAS.find(([pattern]) => pattern.test(name))?.[1] ?? tiles(85, 170);
  return formula({ width: Math.max(1, width), height: Math.max(1, height) }, detail);
}

/** Tokens of all images of a conversation. */
export function countImages(messages: readonly ChatMessage[], model: string): number {
  const images = messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])).filter(isImage);
  return images.reduce((sum, part) => {
    const { url, detail } = sourceOf(part);
    const size = (url === undefined ? undefined : imageSizeOf(url)) ?? UNKNOWN_SIZE;
    return sum + countImageTokens(size, { model, detail: detail === 'low' ? 'low' : 'high' });
  }, 0);
}

function isImage({ type }: ContentPart): boolean {
  return type === 'image_url' || type === 'input_image';
}

function sourceOf({ image_url: source }: ContentPart): { url?: string; detail?: string } {
  return typeof source === 'string' ? { url: source } : (source ?? {});
}

/** Squares of 512 after scaling into 2048 by 2048 and down to 768 at the shorter side. */
function tiles(base: number, perTile: number): Formula {
  return (size, detail) => {
    if (detail === 'low') return base;
    const fitted = scaledDown(size, 2048 / Math.max(size.width, size.height));
    const { width, height } = scaledDown(fitted, 768 / Math.min(fitted.width, fitted.height));
    return base + perTile * Math.ceil(width / 512) * Math.ceil(height / 512);
  };
}

/** Squares of 32, at most 1536 of them, times what a square costs at this model. */
function patches(perPatch: number): Formula {
  const MAX_PATCHES = 1536;
  return ({ width, height }) => {
    const needed = Math.ceil(width / 32) * Math.ceil(height / 32);
    return Math.round(Math.min(needed, MAX_PATCHES) * perPatch);
  };
}

/** Images are scaled down to 1568 pixels at the longer side and to about 1,600 tokens. */
function claude(size: ImageSize): number {
  const { width, height } = scaledDown(size, 1568 / Math.max(size.width, size.height));
  return Math.min(1600, Math.ceil((width * height) / 750));
}

function gemini({ width, height }: ImageSize): number {
  const PER_TILE = 258;
  return width <= 384 && height <= 384 ? PER_TILE : PER_TILE * Math.ceil(width / 768) * Math.ceil(height / 768);
}

function scaledDown({ width, height }: ImageSize, scale: number): ImageSize {
  return scale >= 1 ? { width, height } : { width: width * scale, height: height * scale };
}
