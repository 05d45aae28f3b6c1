import { VERSION } from '../util/version.ts';

/** Name and version of the instrumentation scope of our spans. */
export const SCOPE: { name: string; version: string } = { name: 'otel-langfuse', version: VERSION };
