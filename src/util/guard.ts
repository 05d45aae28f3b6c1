import { notify } from './diagnostics.ts';

/** Runs our code inside the app's: whatever it throws is reported once a minute and swallowed. */
export function guard<T>(where: string, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    reportInternalError(where, error);
    return undefined;
  }
}

/** The asynchronous {@link guard}: the promise it returns never rejects. */
export async function guardAsync<T>(where: string, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    reportInternalError(where, error);
    return undefined;
  }
}

/** Tells of an error that is ours, without its words: they may quote the app. */
export function reportInternalError(where: string, error: unknown): void {
  const detail =
    error instanceof Error ? `${error.name} ${error.stack?.split('\n')[1]?.trim() ?? 'unknown'}` : typeof error;
  notify('error', `internal:${where}`, `internal error in ${where} (${detail}); the app is not affected`);
}
