import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { SpanView } from '../../src/model/span.ts';
import { spanOf } from './span-view.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures', 'spans');
const SUFFIX = '.span.json';

/** A span as an instrumentation made it, and what a dialect is to read from it. */
export interface SpanFixture {
  name: string;
  span: SpanView;
  expected: unknown;
}

/** The spans in `test/fixtures/spans/<dialect>/`. */
export function spanFixtures(dialect: string): SpanFixture[] {
  const folder = path.join(FIXTURES, dialect);
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(SUFFIX)) : [];
  const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  return files.map((file) => ({
    name: file.slice(0, -SUFFIX.length),
    span: spanOf(read(file) as Partial<SpanView>),
    expected: read(file.replace(SUFFIX, '.expected.json')),
  }));
}
