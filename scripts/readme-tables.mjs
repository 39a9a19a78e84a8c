// Writes the benchmark table of README.md from bench/results/arena.json, between its two markers. --check changes
// nothing and fails when the table is not the one of the results.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import prettier from 'prettier';
import { columnsOf, figure, ratio } from '../bench/lib/table.mjs';
import { at } from './lib/paths.mjs';

const OPEN = '<!-- bench:arena -->';
const CLOSE = '<!-- /bench:arena -->';

/** A Markdown table of all rows, and the conditions under it. */
export function arenaTable({ date, machine, versions, answers }) {
  const rows = answers.flatMap((answer) => answer.rows);
  const columns = columnsOf(rows);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const cell = (row, peer, base) => {
    const found = row.cells[peer];
    if (!found) return '';
    if (peer === columns[0]) return `**${figure(found.median)}**`;
    return base > 0 ? `${figure(found.median)} (${ratio(found.median / base)})` : figure(found.median);
  };
  const rounds = Math.min(...rows.flatMap((row) => Object.values(row.cells).map((found) => found.rounds)));
  return [
    line(['', ...columns]),
    line(['---', ...columns.map(() => '---:')]),
    ...rows.map((row) => {
      const base = row.cells[columns[0]].median;
      return line([`${row.title}, ${row.unit}`, ...columns.map((peer) => cell(row, peer, base))]);
    }),
    '',
    `${machine.model}, ${machine.cores} cores, Node ${versions.node} (V8 ${versions.v8}), ${date.slice(0, 10)}; medians of at ` +
      `least ${rounds} interleaved rounds, garbage collections included; in brackets: how many times freehold's figure. ` +
      'Made by `npm run bench`, which also says how each figure is taken.',
    '',
    'What these figures do not show:',
    '',
    ...answers.flatMap((answer) => answer.doesNotShow.map((text) => `- ${answer.question}: ${text}.`)),
  ].join('\n');
}

/** The text with what lies between the markers replaced. @throws Error when the markers are not there. */
export function withTable(text, table) {
  const begin = text.indexOf(OPEN);
  const end = text.indexOf(CLOSE);
  if (begin < 0 || end < begin) throw new Error(`README.md has no ${OPEN} ... ${CLOSE}`);
  return `${text.slice(0, begin + OPEN.length)}\n\n${table}\n\n${text.slice(end)}`;
}

async function main(check) {
  const readme = at('README.md');
  const before = readFileSync(readme, 'utf8');
  const table = arenaTable(JSON.parse(readFileSync(at('bench', 'results', 'arena.json'), 'utf8')));
  const options = { ...(await prettier.resolveConfig(readme)), filepath: readme };
  const after = await prettier.format(withTable(before, table), options);
  if (before === after) return;
  if (check)
    throw new Error(
      'README.md: the table is not the one of bench/results/arena.json; run node scripts/readme-tables.mjs',
    );
  writeFileSync(readme, after);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.includes('--check'));
}
