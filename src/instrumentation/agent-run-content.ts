import type { Span } from '@opentelemetry/api';
import type { CallError } from '../model/llm-call.ts';
import type { Json } from '../model/json.ts';
import { ERROR_TYPE, GEN_AI } from '../semconv/attributes.ts';
import { contentText } from '../semconv/content.ts';
import { spanStatus, toAttributes } from '../semconv/write.ts';
import { asObject, asObjects, asString, defined } from '../util/json-read.ts';
import { withoutMedia } from '../util/media.ts';
import { readMessages, readParts } from './ai-messages.ts';
import type { CaptureOptions } from './instrument.ts';
import { errorMessage, errorType } from './outcome.ts';

/**
 * What the AI SDK, from version 7 on, says about a piece of work: the same object at its start and at its end. It is
 * the app's, and not trusted to have any shape.
 * @see https://ai-sdk.dev/docs/ai-sdk-core/telemetry#tracing-channel
 */
export interface AiMessage {
  readonly type?: unknown;
  readonly event?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** What an agent was asked and what it answered at last. The answer of a stream is not among what the SDK says. */
export function writeRun(span: Span, { event, result, error }: AiMessage, options: CaptureOptions): void {
  const { instructions, messages } = asObject(event) ?? {};
  const last = asObjects(asObject(result)?.['steps']).at(-1);
  const parts = readParts(last?.['content']);
  const call = {
    operation: 'invoke_agent',
    parameters: {},
    problems: [],
    ...defined({
      systemInstructions: readParts(instructions),
      input: readMessages(messages),
      output: parts && [{ role: 'assistant', parts, ...defined({ finish_reason: asString(last?.['finishReason']) }) }],
    }),
  };
  const { content, maxContentLength, mask } = options;
  span.setAttributes(toAttributes(call, { captureContent: content, maxContentLength, ...(mask && { mask }) }));
  writeError(span, error, mask);
}

/** What a tool was given and what it gave. One that fails is no error to the SDK: the model is told of it. */
export function writeTool(span: Span, { event, result, error }: AiMessage, options: CaptureOptions): void {
  const { input } = asObject(asObject(event)?.['toolCall']) ?? {};
  const output = asObject(asObject(result)?.['output']);
  writeContent(span, GEN_AI.toolArguments, input, options);
  writeContent(span, GEN_AI.toolResult, output?.['output'], options);
  writeError(span, error ?? output?.['error'], options.mask);
}

function writeContent(span: Span, attribute: string, value: Json | undefined, options: CaptureOptions): void {
  if (value === undefined || !options.content) return;
  span.setAttribute(attribute, contentText(withoutMedia(value), attribute, options.maxContentLength, options.mask));
}

/** Marks a span as failed, where there is an error. */
export function writeError(span: Span, thrown: unknown, mask: CaptureOptions['mask']): void {
  if (thrown === undefined) return;
  const error: CallError = { type: errorType(thrown), ...defined({ message: errorMessage(thrown) }) };
  span.setAttribute(ERROR_TYPE, error.type);
  span.setStatus(spanStatus({ error }, mask));
}
