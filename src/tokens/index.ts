export type { ChatMessage, ContentPart } from './chat-message.ts';
export { type CountOptions, countTokens, describeTokens, type TokenCount } from './count-tokens.ts';
export { countImageTokens, type ImageSize } from './image-tokens.ts';
export type { ToolSpecification } from './tool-tokens.ts';
