import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { startBedrockServer } from '../real-clients/bedrock-server.ts';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import { ensureClients } from '../support/ensure-clients.ts';
import { routeByPath, startFixtureServer } from '../support/fixture-server.ts';
import type { WireFixture } from '../support/wire-fixtures.ts';

export type BesideRun = AppRun & { answered: WireFixture[] };

/** What Mistral answers. */
const MISTRAL: Parameters<typeof routeByPath>[0] = {
  '/v1/chat/completions': { fixture: 'openai.chat mistral' },
  '/v1/embeddings': { fixture: 'openai.embeddings mistral' },
};

/** Puts the apps where their imports resolve as in a real app. */
export function placeApps(): string {
  const directory = path.join(ensureClients('instrumentors'), 'apps');
  mkdirSync(directory, { recursive: true });
  cpSync(path.join(import.meta.dirname, 'apps'), directory, { recursive: true });
  return path.join(directory, 'app.mjs');
}

/** Runs the app with another instrumentation, with the preload or without. */
export async function runBeside(
  app: string,
  instrumentor: string,
  { preload, ownSdk }: { preload: boolean; ownSdk: boolean },
): Promise<BesideRun> {
  const [bedrock, mistral] = await Promise.all([startBedrockServer(), startFixtureServer(routeByPath(MISTRAL))]);
  try {
    const run = await runAppProcess(app, {
      flags: preload ? ['--require', 'otel-langfuse/register'] : [],
      environment: {
        INSTRUMENTOR: instrumentor,
        BEDROCK_URL: bedrock.urls.http2,
        MISTRAL_URL: mistral.url,
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        ...(ownSdk && { OWN_SDK: 'true' }),
      },
    });
    return { ...run, answered: [...bedrock.answered, ...mistral.exchanges.map(({ fixture }) => fixture)] };
  } finally {
    bedrock.close();
    await mistral.close();
  }
}
