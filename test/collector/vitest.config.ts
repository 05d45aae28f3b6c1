import { defineConfig } from 'vitest/config';

/** `npm run test:collector`: what `collector-config/` does, in a real OpenTelemetry Collector. */
export default defineConfig({
  test: {
    include: ['test/collector/**/*.test.ts'],
    globalSetup: ['test/collector/setup.ts'],
    testTimeout: 60_000,
    // Each test runs several processes.
    maxWorkers: 1,
  },
});
