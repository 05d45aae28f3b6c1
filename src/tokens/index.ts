export { type ChatMessage, type CountOptions, countTokens } from './count-tokens.ts';
export type { ToolSpecification } from './tool-tokens.ts';
