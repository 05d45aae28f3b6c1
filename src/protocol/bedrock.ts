/** What the operations of the Bedrock runtime share. */
import type { JsonObject } from '../model/json.ts';
import type { CallError } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asString, defined } from '../util/json-read.ts';
import type { ExchangeFacts } from './protocol.ts';

/**
 * `/model/{id}/{operation}`, at the root or where a proxy mounts Bedrock (`/bedrock/model/...`). The id is a model's, an
 * inference profile's (`eu.`, `global.`) or an ARN, whose slashes are not always encoded.
 */
const PATH = /(?:^|bedrock.*)\/model\/(.+)\/[a-z-]+$/;

/** Whether `path` is this operation on a model of Bedrock. */
export function isBedrockPath(path: string, operation: string): boolean {
  return path.endsWith(operation) && path[path.length - operation.length - 1] === '/' && PATH.test(path);
}

/** The model id of a path, which the body does not repeat. */
export function modelOfPath(path: string): string | undefined {
  const encoded = PATH.exec(path)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** Whether a path asks for a stream, which no field of the body does. */
export function isStreamPath(path: string): boolean {
  return path.endsWith('-stream');
}

/**
 * The exception of a status, for a body that does not say which.
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
 */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

/** Reads an AWS error: its name is in a header, before a colon, or in `__type`, after a hash; or the status implies it. */
export function readBedrockError(body: JsonObject | undefined, status: number, facts: ExchangeFacts): CallError {
  const message = asString(body?.message) ?? asString(body?.Message);
  const stated = facts.responseHeader('x-amzn-errortype') ?? asString(body?.__type) ?? asString(body?.code);
  const name = stated?.split(':', 1)[0]?.split('#').at(-1);
  const implied = message === undefined ? undefined : EXCEPTIONS[status];
  return { type: name || implied || String(status), ...defined({ message }), status };
}

/** An event of a stream that reports a failure; its name begins in lower case there. */
export function exceptionOf(event: string | undefined, data: JsonObject): JsonObject | undefined {
  const message = asString(data.originalMessage) ?? asString(data.message);
  if (event === undefined || message === undefined) return undefined;
  return { type: event.charAt(0).toUpperCase() + event.slice(1), message };
}

/** How a call was served, as far as it decides about the price. */
export function servedAs(tier: unknown, latency: unknown): Partial<ReportedUsage> {
  return defined({ serviceTier: asString(tier), speed: asString(latency) });
}
