import { expect, test } from 'vitest';
import { VERSION } from '../../src/util/version.ts';
import packageJson from '../../package.json' with { type: 'json' };

test('the version is that of the package', () => {
  expect(VERSION).toBe(packageJson.version);
});
