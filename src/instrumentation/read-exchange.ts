import type { CallError, LlmCall } from '../model/llm-call.ts';
import type { Problem } from '../model/problem.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { inferProvider } from '../protocol/provider.ts';
import { defined } from '../util/json-read.ts';
import type { Exchange, RequestUrl } from './exchange.ts';
import { errorMessage, errorType } from './outcome.ts';
import { readRequest } from './read-request.ts';
import { readResponse } from './read-response.ts';

/** Reads a finished exchange into a call. Pure but for the decoding; takes whatever bodies there are. */
export function readExchange(exchange: Exchange, maxTextLength: number): LlmCall {
  const { protocol, url, startedAt, firstChunkAt } = exchange;
  const problems: Problem[] = [];
  const { units: asked, ...request } = readRequest(exchange, problems);
  const { units: answered, ...response } = readResponse(exchange, maxTextLength, problems);
  const units = answered ?? (isAnswered(exchange) ? asked : undefined);
  const isStreamed = request.parameters.stream === true || exchange.framing !== undefined;
  return {
    operation: protocol.operation,
    provider: inferProvider(url.host, url.path, protocol, exchange.responseHeader),
    server: serverOf(url),
    problems,
    ...request,
    ...response,
    ...defined({
      usage: response.usage ?? (units && !response.error ? usageOf(units) : undefined),
      error: response.error ?? clientError(exchange),
      timeToFirstChunk: isStreamed && firstChunkAt !== undefined ? (firstChunkAt - startedAt) / 1000 : undefined,
    }),
  };
}

/** Usage of which only units other than tokens are known. */
function usageOf(units: Record<string, number>): ReportedUsage {
  return { units, inputIncludes: { cacheRead: true, cacheWrite: true }, outputIncludes: { reasoning: true } };
}

function isAnswered({ status }: Exchange): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

/** The error of an exchange that got no response or whose response broke off, as the app saw it. */
function clientError({ outcome, status }: Exchange): CallError | undefined {
  if (outcome?.kind === 'failed') {
    return { type: errorType(outcome.error), ...defined({ message: errorMessage(outcome.error), status }) };
  }
  // An abort is only an error of the call if nothing of the answer had arrived.
  if (outcome?.kind === 'cancelled' && status === undefined) return { type: 'AbortError' };
  return undefined;
}

/** `server.address` and `server.port`. */
export function serverOf({ host, secure }: RequestUrl): { address: string; port: number } {
  const [, address = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return { address, port: port ? Number(port) : secure ? 443 : 80 };
}
