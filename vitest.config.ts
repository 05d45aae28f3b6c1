import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores: spawned processes are the load, so few test files run beside each other.
    maxWorkers: 2,
  },
});
