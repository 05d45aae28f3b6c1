import type { Reporter, TestModule } from 'vitest/node';
import { CELLS } from './cells.ts';

const MARKS = { passed: 'ok', failed: 'FAILED', skipped: '-', pending: '?' } as const;

/** Prints a table at the end: a line a test, a column a cell. */
export class MatrixReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const cells = CELLS.map(({ node, otel }) => `${node} ${otel}`);
    const rows = new Map<string, Map<string, string>>();
    for (const { project, children } of modules)
      for (const test of children.allTests()) {
        const row = rows.get(test.fullName) ?? new Map<string, string>();
        rows.set(test.fullName, row.set(project.name, MARKS[test.result().state]));
      }
    const lines = [...rows].map(([name, row]) => [...cells.map((cell) => row.get(cell) ?? ''), name]);
    const widths = cells.map((cell) => cell.length);
    for (const line of [[...cells, ''], ...lines])
      console.log(line.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '));
  }
}
