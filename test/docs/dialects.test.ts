import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DIALECTS } from '../../src/dialect/dialects.ts';

const PAGE = path.join(import.meta.dirname, '..', '..', 'docs', 'dialects.md');

test('docs/dialects.md lists every dialect, in the order of their priority', () => {
  const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `([\w-]+)` \|/gm)];
  expect(rows.map(([, id]) => id)).toEqual(DIALECTS.map(({ id }) => id));
});
