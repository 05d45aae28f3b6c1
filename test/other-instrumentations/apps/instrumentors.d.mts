/** By name: registers another instrumentation and returns what the app does with it. */
export const INSTRUMENTORS: Record<string, () => Promise<Record<string, (model: string) => Promise<unknown>>>>;
