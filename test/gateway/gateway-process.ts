import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

export type GatewayProcess = ServerProcess;

/** Starts `otel-langfuse gateway` on a free port, with nothing of the caller's settings. */
export function startGatewayProcess(
  env: Record<string, string>,
  parameters: readonly string[] = [],
): Promise<GatewayProcess> {
  return startServerProcess('gateway', env, parameters);
}
