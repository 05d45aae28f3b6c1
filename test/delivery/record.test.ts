import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord, encodeRecords, HEADER_BYTES, scanRecords } from '../../src/delivery/record.ts';
import { spanIds, spanRecord } from '../support/spans.ts';

const texts = fc.array(
  fc.string({ unit: 'binary' }).map((content) => spanRecord('00f067aa0ba902b7', content)),
  { minLength: 1, maxLength: 8 },
);

const read = (buffer: Buffer): string[] => scanRecords(buffer).records.map(({ bytes }) => bytes.toString());

/** Where each record starts, and where the last ends. */
const boundaries = (records: readonly string[]): number[] => {
  let offset = 0;
  return [0, ...records.map((record) => (offset += HEADER_BYTES + Buffer.byteLength(record)))];
};

describe('record format', () => {
  test('what is written is read, in order', () => {
    fc.assert(
      fc.property(texts, (records) => {
        const scan = scanRecords(encodeRecords(records));
        expect(scan.records.map(({ bytes }) => bytes.toString())).toEqual(records);
        expect(scan.damaged).toEqual([]);
        expect(scan.tornBytes).toBe(0);
      }),
    );
  });

  test('a file cut anywhere keeps every whole record and drops the torn tail', () => {
    fc.assert(
      fc.property(texts, fc.double({ min: 0, max: 1, noNaN: true }), (records, fraction) => {
        const buffer = encodeRecords(records);
        const cut = Math.floor(buffer.length * fraction);
        const whole = boundaries(records).filter((end) => end <= cut).length - 1;
        const scan = scanRecords(buffer.subarray(0, cut));
        expect(scan.records.map(({ bytes }) => bytes.toString())).toEqual(records.slice(0, whole));
        expect(scan.damaged).toEqual([]);
        expect(scan.tornBytes).toBe(cut - (boundaries(records)[whole] ?? 0));
      }),
    );
  });

  test('blocks that the file system never filled are a torn tail, not empty records', () => {
    const records = spanIds(3).map((id) => spanRecord(id));
    const scan = scanRecords(Buffer.concat([encodeRecords(records), Buffer.alloc(4096)]));
    expect(scan.records).toHaveLength(3);
    expect(scan.tornBytes).toBe(4096);
    expect(scan.damaged).toEqual([]);
  });

  test('a flipped bit costs the record it is in and no other', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (records, at) => {
        const buffer = encodeRecords([...records, spanRecord('ffffffffffffffff')]);
        const bit = at % (boundaries(records).at(-1)! * 8);
        buffer[bit >> 3]! ^= 1 << (bit & 7);
        const hit = boundaries(records).findIndex((start) => start > bit >> 3) - 1;
        const expected = [...records.toSpliced(hit, 1), spanRecord('ffffffffffffffff')];
        expect(read(buffer)).toEqual(expected);
        expect(scanRecords(buffer).damaged).toHaveLength(1);
      }),
    );
  });

  test('a zeroed sector in the middle costs the records in it', () => {
    const records = spanIds(20).map((id) => spanRecord(id));
    const buffer = encodeRecords(records);
    buffer.fill(0, 1024, 2048);
    const ends = boundaries(records);
    const untouched = records.filter((_, index) => ends[index + 1]! <= 1024 || ends[index]! >= 2048);
    expect(read(buffer)).toEqual(untouched);
  });

  test('a length beyond any record is damage, not a wish for more bytes', () => {
    const buffer = encodeRecords([spanRecord('00f067aa0ba902b7')]);
    buffer.writeUInt32LE(0xffffffff, 0);
    expect(decodeRecord(buffer, 0)).toBe('damaged');
  });

  test('searching behind damage stays linear', () => {
    const braces = Buffer.from('{'.repeat(4 * 1024 * 1024));
    const buffer = Buffer.concat([braces, encodeRecords([spanRecord('00f067aa0ba902b7')])]);
    const start = performance.now();
    expect(read(buffer)).toHaveLength(1);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
