import { type AttributeValue, type Attributes, type SpanStatus, SpanStatusCode } from '@opentelemetry/api';
import type { Json } from '../model/json.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { STATUS_MESSAGE } from '../model/span.ts';
import { defined } from '../util/json-read.ts';
import { BILLING_FACTS, ERROR_TYPE, GEN_AI, HTTP_STATUS, OURS, SERVER_ADDRESS, SERVER_PORT } from './attributes.ts';
import { applyMask, contentText, type ContentMask } from './content.ts';
import { CALL_FIELDS, OPENAI_SERVICE_TIER, PARAMETER_FIELDS, type RowOf, USAGE_FIELDS } from './fields.ts';
import { cacheWrites, inclusiveUsage } from './inclusive-usage.ts';

export interface WriteOptions {
  /** Whether messages and tool definitions are recorded. */
  captureContent: boolean;
  /** Characters kept of each content attribute; what is beyond is cut with a marker and the JSON stays valid. */
  maxContentLength: number;
  mask?: ContentMask;
}

/** `{operation} {model}`, as the GenAI conventions name spans. */
export function spanName(call: Pick<LlmCall, 'operation' | 'requestModel' | 'responseModel'>): string {
  const model = call.requestModel ?? call.responseModel;
  return model ? `${call.operation} ${model}` : call.operation;
}

/** The status of the call's span. Providers quote the request in what they say of an error: the mask sees it. */
export function spanStatus(call: Pick<LlmCall, 'error'>, mask?: ContentMask): SpanStatus {
  if (!call.error) return { code: SpanStatusCode.UNSET };
  const { message } = call.error;
  if (message === undefined) return { code: SpanStatusCode.ERROR };
  return { code: SpanStatusCode.ERROR, message: mask ? applyMask(mask, message, STATUS_MESSAGE) : message };
}

/** The whole call in attributes of the GenAI conventions and the few of ours. The dialect `gen-ai` reads it back. */
export function toAttributes(call: LlmCall, options: WriteOptions): Attributes {
  const attributes: Attributes = { [GEN_AI.operation]: call.operation };
  writeRows(attributes, CALL_FIELDS, call);
  writeRows(attributes, PARAMETER_FIELDS, call.parameters);
  if (call.parameters.other) attributes[OURS.otherParameters] = JSON.stringify(call.parameters.other);
  if (call.server) {
    attributes[SERVER_ADDRESS] = call.server.address;
    if (call.server.port !== undefined) attributes[SERVER_PORT] = call.server.port;
  }
  if (call.usage) writeUsage(attributes, call, call.usage);
  if (call.error) {
    attributes[ERROR_TYPE] = call.error.type;
    if (call.error.status !== undefined) attributes[HTTP_STATUS] = call.error.status;
  }
  if (call.problems.length > 0) attributes[OURS.problems] = JSON.stringify(call.problems);
  if (options.captureContent) writeContent(attributes, call, options);
  return attributes;
}

function writeRows<T>(attributes: Attributes, rows: readonly RowOf<T>[], values: T): void {
  for (const { field, attribute, parse } of rows) {
    // Parsing what we write keeps a NaN or an empty list out of the span.
    const value = parse(values[field]);
    if (value !== undefined) attributes[attribute] = value as AttributeValue;
  }
}

function writeUsage(attributes: Attributes, call: LlmCall, usage: ReportedUsage): void {
  const { input, output } = inclusiveUsage(usage);
  if (input !== undefined) attributes[GEN_AI.inputTokens] = input;
  if (output !== undefined) attributes[GEN_AI.outputTokens] = output;
  writeRows(attributes, USAGE_FIELDS, { ...usage, ...defined({ cacheWrite: cacheWrites(usage) }) });
  if (call.provider === 'openai') writeRows(attributes, [OPENAI_SERVICE_TIER], usage);
  if (usage.estimated) attributes[OURS.usageEstimated] = true;
  if (usage.estimated && call.rawUsage) {
    attributes[OURS.usageCounted] = JSON.stringify({ input: usage.input, output: usage.output });
  }
  if (usage.estimateMethod !== undefined) attributes[OURS.estimateMethod] = usage.estimateMethod;
  if (call.rawUsage) {
    attributes[OURS.usageFormat] = call.rawUsage.format;
    attributes[OURS.usageRaw] = JSON.stringify(call.rawUsage.body);
  }
  const facts = BILLING_FACTS.filter((name) => usage[name] !== undefined).map((name) => [name, usage[name]]);
  if (facts.length > 0) attributes[OURS.billing] = JSON.stringify(Object.fromEntries(facts));
}

function writeContent(attributes: Attributes, call: LlmCall, options: WriteOptions): void {
  const contents: readonly (readonly [string, object | undefined])[] = [
    [GEN_AI.systemInstructions, call.systemInstructions],
    [GEN_AI.inputMessages, call.input],
    [GEN_AI.toolDefinitions, call.tools],
    [GEN_AI.outputMessages, call.output],
  ];
  for (const [attribute, content] of contents) {
    if (content === undefined) continue;
    attributes[attribute] = contentText(content as Json, attribute, options.maxContentLength, options.mask);
  }
}
