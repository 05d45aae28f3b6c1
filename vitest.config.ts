import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Needs an OpenTelemetry Collector: npm run test:collector.
    exclude: [...configDefaults.exclude, 'test/collector/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores: spawned processes are the load, so few test files run beside each other.
    maxWorkers: 2,
  },
});
