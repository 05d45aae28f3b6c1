/** The combinations that are tested; `nodes/`, `otel-2/` and `otel-3/` say which versions these are. SDK 3.x needs Node 22. */
export const CELLS: readonly { node: string; otel: string }[] = [
  { node: 'node20', otel: 'otel-2' },
  { node: 'node22', otel: 'otel-2' },
  { node: 'node24', otel: 'otel-2' },
  { node: 'node26', otel: 'otel-2' },
  { node: 'node22', otel: 'otel-3' },
  { node: 'node24', otel: 'otel-3' },
  { node: 'node26', otel: 'otel-3' },
];
