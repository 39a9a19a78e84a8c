import { expect, test } from 'vitest';
import { chooserTable } from '../../bench/lib/chooser.mjs';

const cell = (median: number) => ({ median, spread: 0, min: median, max: median, rounds: 9 });
const results = {
  date: '2020-01-02T03:04:05.000Z',
  machine: { model: 'Some CPU', cores: 2 },
  versions: { node: '20.19.0', v8: '11.3' },
  answers: [
    {
      question: 'one block of each allocator',
      rows: [
        {
          title: 'a 64 B Block, not zeroed, and its end',
          unit: 'ns',
          cells: { Arena: cell(21), Pool: cell(7) },
        },
        { title: 'the same without a Block', unit: 'ns', cells: { Pool: cell(2.5) } },
        { title: 'a Block of a wrapped pool', unit: 'ns', cells: { Pool: cell(7), limited: cell(33) } },
        { title: 'metadata for each of 100,000 blocks', unit: 'bytes', cells: { Pool: cell(8) } },
        { title: 'JavaScript heap for each of 100,000 blocks', unit: 'bytes', cells: { Pool: cell(150) } },
      ],
      doesNotShow: [],
    },
  ],
};

test('each allocator has a line with its figures, and an empty cell for what was not measured', () => {
  const lines = chooserTable(results).split('\n');
  expect(lines.find((line) => line.startsWith('| `Pool` |'))).toContain('| 7 | 2.5 | 8 | 150 |');
  expect(lines.find((line) => line.startsWith('| `Arena` |'))).toContain('| 21 |  |');
});

test('each wrapper has a line, and the conditions stand below', () => {
  const text = chooserTable(results);
  expect(text).toContain('| limited | 33 |');
  expect(text).toContain('Some CPU, 2 cores, Node 20.19.0 (V8 11.3), 2020-01-02; medians of at least 9');
});

test('a row that is missing in the results is an error, not an empty column', () => {
  expect(() => chooserTable({ ...results, answers: [] })).toThrow('the results have no row');
});
