/**
 * How an exchange ended.
 * - `finished`: the app has the whole response.
 * - `cancelled`: the app stopped reading (`break`, `cancel()`, abort once the response had begun).
 * - `unread`: the app dropped the response; noticed when it was garbage collected.
 * - `exit`: the process ended first.
 * - `failed`: no response, or the response broke off; `error` is what the app got.
 */
export type Outcome = { kind: 'finished' | 'cancelled' | 'unread' | 'exit' } | { kind: 'failed'; error: unknown };

/** Errors that mean the app itself called it off. */
export function isAbort(error: unknown): boolean {
  const name = errorName(error);
  return name === 'AbortError' || name === 'TimeoutError';
}

/** `error.type` of a client-side error: the system or transport code where there is one, else the error's name. */
export function errorType(error: unknown): string {
  for (const candidate of [error, causeOf(error)]) {
    const code = candidate instanceof Object && 'code' in candidate ? candidate.code : undefined;
    if (typeof code === 'string') return code;
  }
  return errorName(error) ?? 'Error';
}

/** What a person reads about a client-side error: the message of the innermost cause, without credentials in addresses. */
export function errorMessage(error: unknown): string | undefined {
  const cause = causeOf(error);
  const message = (cause instanceof Error && cause.message) || (error instanceof Error ? error.message : undefined);
  return message?.replaceAll(/:\/\/[^/\s@]*@/g, '://…@');
}

function errorName(error: unknown): string | undefined {
  return error instanceof Object && 'name' in error && typeof error.name === 'string' ? error.name : undefined;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
