import type { IncomingHttpHeaders } from 'node:http';

/** Disjoint counts: the bill. */
export interface StandInUsage {
  input: number;
  cacheRead?: number;
  cacheWrite5m?: number;
  cacheWrite1h?: number;
  output: number;
  reasoning?: number;
  webSearches?: number;
}

export interface StandInAnswer {
  text?: string[];
  thinking?: string[];
  toolCalls?: { id: string; name: string; argumentPieces: string[] }[];
  finish: 'stop' | 'length' | 'tools';
  usage: StandInUsage;
}

/** What was asked and how it was answered. */
export interface StandInExchange {
  path: string;
  /** Of the header `x-stand-in`. */
  words: string[];
  /** Of the request: parsed JSON, else text. */
  body: { model?: string; stream?: boolean; stream_options?: { include_usage?: boolean } };
  headers: IncomingHttpHeaders;
  /** Absent if there was no answer. */
  status?: number;
  responseId?: string;
  usage?: StandInUsage;
}

export interface StandInProvider {
  url: string;
  /** Grows with each call. */
  requests: StandInExchange[];
  close(): Promise<void>;
}

export function startStandInProvider(options?: {
  answers?: Record<string, StandInAnswer>;
  /** The words for a request without the header. */
  choose?: (body: StandInExchange['body']) => string;
  port?: number;
}): Promise<StandInProvider>;
