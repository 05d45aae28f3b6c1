import { describe, expect, test } from 'vitest';
import { type Column, layOut } from '../../src/report/text-table.ts';

const COLUMNS: Column[] = [
  { title: 'user', align: 'left' },
  { title: 'calls', align: 'right' },
];

describe('layOut', () => {
  test('aligns columns by what they show', () => {
    expect(
      layOut(
        COLUMNS,
        [
          ['ada', '3'],
          ['grace hopper', '12'],
        ],
        80,
      ),
    ).toEqual(['user          calls', 'ada               3', 'grace hopper     12']);
  });

  test('cuts the first column where the terminal is too narrow', () => {
    expect(layOut(COLUMNS, [['grace.hopper@navy.example', '12']], 20)).toEqual([
      'user           calls',
      'grace.hopper…     12',
    ]);
  });

  test('keeps something of the first column however narrow it is', () => {
    expect(layOut(COLUMNS, [['grace.hopper@navy.example', '12']], 3)[1]).toBe('grace.h…     12');
  });

  test('counts characters as wide as they are', () => {
    const rows = [
      ['山田', '1'],
      ['\u{1F469}\u200D\u{1F680}x', '2'],
      ['e\u0301', '3'],
    ];
    expect(layOut(COLUMNS, rows, 80)).toEqual([
      'user  calls',
      '山田      1',
      '\u{1F469}\u200D\u{1F680}x       2',
      'e\u0301         3',
    ]);
  });

  test('shows no character that would move the cursor or hide', () => {
    const [, line] = layOut(COLUMNS, [['a\u001B[2J\r\nb\u202Ec\u009B', '1']], 80);
    expect(line).toBe('a�[2J��b�c�      1');
  });
});
