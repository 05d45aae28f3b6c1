import { defineConfig } from 'vitest/config';
import { CELLS } from './cells.ts';
import { MatrixReporter } from './matrix-reporter.ts';

/** Suites whose apps run in whatever place they are given; see test/support/place.ts. */
const SUITES = [
  'test/matrix/*.test.ts',
  'test/register/*.test.ts',
  'test/real-clients/ai-agent.test.ts',
  'test/cli/gateway.test.ts',
  'test/cli/proxy.test.ts',
  'test/cli/report.test.ts',
  'test/gateway/restart.test.ts',
  'test/proxy/forward.test.ts',
];

/** `npm run test:matrix`: the package as it is published, under other Nodes and beside other OpenTelemetry SDKs. */
export default defineConfig({
  test: {
    globalSetup: ['test/matrix/setup.ts'],
    reporters: ['default', new MatrixReporter()],
    maxWorkers: 2,
    projects: CELLS.map((cell) => ({
      test: {
        name: `${cell.node} ${cell.otel}`,
        include: SUITES,
        provide: { cell },
        testTimeout: 30_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
