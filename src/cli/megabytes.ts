/** Bytes for people: `0 MB`, `0.3 MB`, `1,024 MB`. */
export function megabytes(bytes: number): string {
  const amount = bytes / 1e6;
  // What is there is never shown as nothing.
  const shown = bytes > 0 ? Math.max(amount, 0.1) : 0;
  return `${shown.toLocaleString('en-US', { maximumFractionDigits: shown < 10 ? 1 : 0 })} MB`;
}
