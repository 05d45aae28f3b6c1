import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Need an OpenTelemetry Collector and other Nodes: npm run test:collector, npm run test:matrix.
    exclude: [...configDefaults.exclude, 'test/collector/**', 'test/matrix/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores: spawned processes are the load, so few test files run beside each other.
    maxWorkers: 2,
  },
});
