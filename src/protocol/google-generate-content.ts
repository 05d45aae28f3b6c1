import type { Json, JsonObject } from '../model/json.ts';
import type { CallError, RequestParameters } from '../model/llm-call.ts';
import type { OutputMessage } from '../model/message.ts';
import { asCount, asNumber, asObject, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { field, readContents, readParts, readRole, readTools } from './google-content.ts';
import { modelName, modelOfPath } from './google-path.ts';
import { GenerateContentAssembler } from './google-stream.ts';
import type { ExchangeFacts, Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { pickParameters, readUsageObject } from './reading.ts';

/**
 * `generateContent` and `streamGenerateContent` of the Gemini API and Vertex AI. A stream is server-sent events with
 * `alt=sse` and one JSON array without. Counting tokens, batches and cached content have paths of their own.
 * @see https://ai.google.dev/api/generate-content
 */
export const googleGenerateContent: Protocol = {
  id: 'gcp.gemini.generate_content',
  operation: 'generate_content',
  matches: (path) => path.endsWith(':generateContent') || path.endsWith(STREAMED),
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new GenerateContentAssembler(maxTextLength),
};

const STREAMED = ':streamGenerateContent';

const OTHER_PARAMETERS = ['toolConfig', 'tool_config', 'cachedContent', 'cached_content'] as const;

function readRequest(body: JsonObject, { path }: ExchangeFacts): RequestReading {
  const input = readContents(body.contents);
  const system = readParts(field(body, 'systemInstruction'));
  return {
    parameters: {
      ...readGenerationConfig(asObject(field(body, 'generationConfig')) ?? {}),
      ...defined({
        stream: path.endsWith(STREAMED) ? true : undefined,
        serviceTier: asString(field(body, 'serviceTier')),
        other: pickParameters(body, OTHER_PARAMETERS),
      }),
    },
    ...defined({
      requestModel: modelOfPath(path) ?? modelName(asString(body.model)),
      tools: readTools(body.tools),
    }),
    ...(system.length > 0 && { systemInstructions: system }),
    ...(input.length > 0 && { input }),
  };
}

function readGenerationConfig(config: JsonObject): RequestParameters {
  const choiceCount = asCount(field(config, 'candidateCount'));
  const thinking = asObject(field(config, 'thinkingConfig')) ?? {};
  return defined({
    temperature: asNumber(config.temperature),
    topP: asNumber(field(config, 'topP')),
    topK: asNumber(field(config, 'topK')),
    maxTokens: asCount(field(config, 'maxOutputTokens')),
    stopSequences: asStrings(field(config, 'stopSequences')),
    seed: asNumber(config.seed),
    frequencyPenalty: asNumber(field(config, 'frequencyPenalty')),
    presencePenalty: asNumber(field(config, 'presencePenalty')),
    choiceCount: choiceCount === 1 ? undefined : choiceCount,
    outputType: readOutputType(config),
    reasoningLevel: asString(field(thinking, 'thinkingLevel')),
  });
}

/** Kinds of output other than text -> `gen_ai.output.type`. */
const MODALITIES: ReadonlyMap<string, string> = new Map([
  ['IMAGE', 'image'],
  ['AUDIO', 'speech'],
]);

function readOutputType(config: JsonObject): string | undefined {
  if (asString(field(config, 'responseMimeType')) === 'application/json') return 'json';
  const modalities = asStrings(field(config, 'responseModalities')) ?? [];
  return modalities.map((modality) => MODALITIES.get(modality.toUpperCase())).find((type) => type !== undefined);
}

function readResponse(body: JsonObject, { responseHeader }: ExchangeFacts): ResponseReading {
  const candidates = asObjects(body.candidates);
  const feedback = asObject(field(body, 'promptFeedback'));
  const output = candidates.map(readCandidate);
  const finishReasons = [...output.map((message) => message.finish_reason), asString(feedback?.blockReason)].filter(
    (reason) => reason !== undefined,
  );
  const usage = asObject(body.usageMetadata);
  // The Gemini API states the tier in a header too, and only there before it was part of the usage.
  const isTierStated = (usage?.serviceTier ?? usage?.trafficType) !== undefined;
  const serviceTier = isTierStated ? undefined : responseHeader('x-gemini-service-tier');
  return defined({
    responseModel: modelName(asString(body.modelVersion)),
    responseId: asString(body.responseId) || undefined,
    error: readErrorObject(body.error) ?? readBlock(feedback),
    output: output.length > 0 ? output : undefined,
    finishReasons: finishReasons.length > 0 ? finishReasons : undefined,
    ...readUsageObject(
      'google.generate_content',
      usage,
      defined({ serverTools: countSearches(candidates), serviceTier }),
    ),
  });
}

function readCandidate(candidate: JsonObject): OutputMessage {
  const content = asObject(candidate.content);
  return {
    role: readRole(content?.role ?? 'model'),
    parts: readParts(content),
    ...defined({ finish_reason: readFinishReason(candidate.finishReason) }),
  };
}

/** The numbers of `FinishReason`, for clients that ask for enums as integers. */
const FINISH_REASONS = [
  undefined,
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
] as const;

function readFinishReason(reason: Json | undefined): string | undefined {
  const number = asCount(reason);
  return number === undefined ? asString(reason) : (FINISH_REASONS[number] ?? String(number));
}

/** A prompt that was blocked has no answer, though the status is 200. */
function readBlock(feedback: JsonObject | undefined): CallError | undefined {
  const reason = asString(feedback?.blockReason);
  if (reason === undefined) return undefined;
  return { type: reason, message: asString(feedback?.blockReasonMessage) ?? 'The prompt was blocked.' };
}

/** Google Search is billed by the query since Gemini 3. */
function countSearches(candidates: readonly JsonObject[]): Record<string, number> | undefined {
  const queries = candidates.flatMap(
    ({ groundingMetadata }) => asStrings(asObject(groundingMetadata)?.webSearchQueries) ?? [],
  );
  // Billed by distinct query; empty ones are listed but not billed.
  const billed = new Set(queries.map((query) => query.trim()).filter(Boolean)).size;
  return billed > 0 ? { web_search_requests: billed } : undefined;
}
