import { expect, test } from 'vitest';
import { resultsTable, withTable } from '../../bench/lib/markdown.mjs';

const cell = (median: number) => ({ median, spread: 0.1, min: median, max: median, rounds: 7 });
const results = {
  date: '2020-01-02T03:04:05.000Z',
  machine: { model: 'Some CPU', cores: 2 },
  versions: { node: '20.19.0', v8: '11.3' },
  answers: [
    {
      question: 'one block',
      rows: [
        { title: '4 KiB', unit: 'ns', cells: { freehold: cell(20), Buffer: cell(1234), 'C++': cell(5) } },
        { title: '8 KiB', unit: 'ns', cells: { freehold: cell(20), 'C++': cell(5) } },
        { title: '64 KiB', unit: 'ns', cells: { freehold: cell(25), other: cell(30) } },
      ],
      doesNotShow: ['the weather'],
    },
  ],
};

test('rows whose peers are among those above share a table: ours first, the limit last, and a ratio to ours in each cell', () => {
  const [header, , first, second, , other, , third] = resultsTable(results).split('\n');
  expect(header).toBe('|  | freehold | Buffer | C++ |');
  expect(first).toBe('| 4 KiB, ns | **20** | 1,234 (62x) | 5 (0.25x) |');
  expect(second).toBe('| 8 KiB, ns | **20** |  | 5 (0.25x) |');
  expect(other).toBe('|  | freehold | other |');
  expect(third).toBe('| 64 KiB, ns | **25** | 30 (1.2x) |');
});

test('the table names the machine, the versions and what it does not show', () => {
  const text = resultsTable(results);
  expect(text).toContain('Some CPU, 2 cores, Node 20.19.0 (V8 11.3), 2020-01-02');
  expect(text).toContain('- one block: the weather.');
});

test('only what lies between the markers of that table is replaced', () => {
  const other = '<!-- bench:pool -->\nother\n<!-- /bench:pool -->\n';
  const text = `${other}before\n<!-- bench:arena -->\nold\n<!-- /bench:arena -->\nafter\n`;
  expect(withTable(text, 'arena', 'new')).toBe(
    `${other}before\n<!-- bench:arena -->\n\nnew\n\n<!-- /bench:arena -->\nafter\n`,
  );
});

test('a document without markers is an error, not an appendix', () => {
  expect(() => withTable('nothing here', 'arena', 'new')).toThrow('there is no <!-- bench:arena -->');
});
