import path from 'node:path';
import { ensureClients } from '../../support/ensure-clients.ts';
import { runNode } from '../../support/run-process.ts';

export const KEYS = { publicKey: 'pk-lf-test', secretKey: 'sk-lf-test' };

/** Runs an app of `test/langfuse3` against a gateway, and returns what it printed. */
export async function runSdkApp(name: string, gatewayUrl: string, env: Record<string, string> = {}): Promise<unknown> {
  const app = path.join(ensureClients('langfuse3'), 'apps', name);
  const keys = {
    LANGFUSE_BASEURL: gatewayUrl,
    LANGFUSE_PUBLIC_KEY: KEYS.publicKey,
    LANGFUSE_SECRET_KEY: KEYS.secretKey,
  };
  const { code, stdout, stderr } = await runNode([app], { env: { ...keys, ...env }, timeout: 40_000 });
  if (code !== 0 || /error/i.test(stderr)) throw new Error(`${name} ended with ${code}: ${stderr}`);
  return stdout.trim() ? JSON.parse(stdout) : undefined;
}
