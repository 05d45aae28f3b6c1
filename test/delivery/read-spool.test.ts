import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSpool, spoolStatus } from '../../src/delivery/read-spool.ts';
import { newDirectoryName } from '../../src/delivery/process-identity.ts';
import { encodeRecords } from '../../src/delivery/record.ts';
import { segmentFile } from '../../src/delivery/spool-layout.ts';
import { spanIds, spanRecord } from '../support/spans.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const records = (count: number, from = 1): string[] => spanIds(count, from).map((id) => spanRecord(id));

/** Writes segments as a process of now would. */
function writeSpool(root: string, destination: string, segments: readonly Buffer[]): void {
  const directory = path.join(root, destination, newDirectoryName());
  mkdirSync(directory, { recursive: true });
  for (const [index, bytes] of segments.entries()) writeFileSync(segmentFile(directory, index + 1), bytes);
}

async function read(root: string): Promise<{ record: string; destination: string }[]> {
  const found: { record: string; destination: string }[] = [];
  for await (const record of readSpool(root)) found.push(record);
  return found;
}

describe('reading the spool', () => {
  test('gives every intact record of every destination, segments in order', async () => {
    const root = temporaryDirectory();
    writeSpool(root, 'local-1', [encodeRecords(records(3)), encodeRecords(records(2, 4)).subarray(0, -5)]);
    writeSpool(root, 'cloud.langfuse.com-2', [encodeRecords(records(1, 10))]);
    mkdirSync(path.join(root, 'local-1', 'dead-letters'));
    writeFileSync(path.join(root, 'local-1', 'dead-letters', 'a.jsonl'), '{}\n');
    const found = await read(root);
    expect(found.filter(({ destination }) => destination === 'local-1').map(({ record }) => record)).toEqual(
      records(4),
    );
    expect(found.filter(({ destination }) => destination !== 'local-1').map(({ record }) => record)).toEqual(
      records(1, 10),
    );
    expect(spoolStatus(root)).toMatchObject([
      { destination: 'cloud.langfuse.com-2', processes: { living: 1, dead: 0 }, deadLetterBytes: 0 },
      { destination: 'local-1', processes: { living: 1, dead: 0 }, deadLetterBytes: 3, quarantinedBytes: 0 },
    ]);
  });

  test('a spool that is not there is empty', async () => {
    const root = path.join(temporaryDirectory(), 'none');
    expect(await read(root)).toEqual([]);
    expect(spoolStatus(root)).toEqual([]);
  });
});
