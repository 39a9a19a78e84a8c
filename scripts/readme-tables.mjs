// Writes the benchmark table of README.md from bench/results/arena.json, between its two markers. --check changes
// nothing and fails when the table is not the one of the results.
import { readFileSync, writeFileSync } from 'node:fs';
import prettier from 'prettier';
import { arenaTable, withTable } from '../bench/lib/markdown.mjs';
import { at } from './lib/paths.mjs';

const readme = at('README.md');
const before = readFileSync(readme, 'utf8');
const table = arenaTable(JSON.parse(readFileSync(at('bench', 'results', 'arena.json'), 'utf8')));
const options = { ...(await prettier.resolveConfig(readme)), filepath: readme };
const after = await prettier.format(withTable(before, table), options);

if (before !== after && process.argv.includes('--check')) {
  console.error(
    'README.md: the table is not the one of bench/results/arena.json; run node scripts/readme-tables.mjs',
  );
  process.exit(1);
}
if (before !== after) writeFileSync(readme, after);
