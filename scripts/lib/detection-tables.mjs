// The tables of docs/detection.md, from what the tests have seen.
import { readFileSync } from 'node:fs';
import { at } from './paths.mjs';

const MODES = ['default', 'debug', 'guarded', 'sampled'];
const SOURCES = { hardened: 'hardened_malloc', bench: 'mimalloc-bench' };

const seen = () => JSON.parse(readFileSync(at('test/debug/detection/results.json'), 'utf8'));
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');

/** How many cells of a mode say something. */
function count(rows, mode) {
  const cells = rows.map((row) => row.cells[mode]);
  const missed = cells.filter((cell) => cell.startsWith('**undetected**')).length;
  const harmless = cells.filter((cell) => cell.startsWith('no effect')).length;
  return [mode, cells.length - missed - harmless, harmless, missed];
}

/** What the modes do with all rows, in figures. */
export function detectionSummary() {
  const rows = seen().groups.flatMap((group) => group.rows);
  return table(
    ['mode', 'found', 'without effect', 'undetected'],
    MODES.map((mode) => count(rows, mode)),
  );
}

/** A table for each group. */
export function detectionTables() {
  const { node, groups } = seen();
  const sections = groups.map(({ title, by, rows }) => {
    const cells = rows.map((row) => [row.title, row.allocator, ...MODES.map((mode) => row.cells[mode])]);
    return `### ${title}, by ${by}\n\n${table(['fault', 'allocator', ...MODES], cells)}`;
  });
  return [...sections, `Seen on Node ${node}, x86-64 Linux.`].join('\n\n');
}

/** Which row stands for which program of others. */
export function detectionNames() {
  const { groups, elsewhere } = seen();
  const parts = Object.entries(SOURCES).map(([key, source]) => {
    const found = new Map();
    for (const { title, by, rows } of groups) {
      for (const row of rows) {
        for (const name of row[key])
          found.set(name, [
            ...(found.get(name) ?? []),
            `${title}, by ${by}: ${row.title} (${row.allocator})`,
          ]);
      }
    }
    const names = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
    return table(
      [source, 'here'],
      names.map(([name, places]) => [`\`${name}\``, places.join('; ')]),
    );
  });
  const others = elsewhere.map(({ why, hardened = [], bench = [] }) => {
    const names = [...new Set([...hardened, ...bench])].map((name) => `\`${name}\``);
    return `- ${why} ${names.join(', ')}.`;
  });
  return [...parts, 'No row stands for:', others.join('\n')].join('\n\n');
}
