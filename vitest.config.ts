import { configDefaults, defineConfig } from 'vitest/config';

/** Whole suites of real clients once more, beside other instrumentations and through the proxy: npm run test:clients. */
const MORE_CLIENTS = ['test/other-instrumentations/**/*.test.ts', 'test/proxy/clients.test.ts'];
/** Need an OpenTelemetry Collector, or other Nodes: npm run test:collector, npm run test:matrix. */
const ELSEWHERE = ['test/collector/**', 'test/matrix/**'];

export default defineConfig(({ mode }) => ({
  test: {
    include: mode === 'clients' ? MORE_CLIENTS : ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...ELSEWHERE, ...(mode === 'clients' ? [] : MORE_CLIENTS)],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores: spawned processes are the load, so few test files run beside each other.
    maxWorkers: 2,
  },
}));
