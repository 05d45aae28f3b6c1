/**
 * Something about a call that makes its numbers less certain. Problems travel with the call to Langfuse, so that
 * a surprising number explains itself; they never stop it.
 */
export interface Problem {
  /** Stable name, for filters: `negative-bucket`, `invalid-json`, `body-truncated`, `stream-incomplete`, ... */
  readonly code: string;
  /** One sentence for a person. Never contains message content or keys. */
  readonly message: string;
}
