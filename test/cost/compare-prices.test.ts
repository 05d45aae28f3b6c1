import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const reference = path.resolve(root, '../shared/reference');

test.skipIf(!existsSync(reference))(
  'every disagreement with other tables is explained (skipped where ../shared is absent)',
  () => {
    const printed = execFileSync(process.execPath, [path.join(root, 'scripts', 'compare-prices.mjs')], {
      encoding: 'utf8',
    });
    expect(printed.match(/\d+ prices compared, \d+ differ, 0 not explained/g)).toHaveLength(2);
  },
);
