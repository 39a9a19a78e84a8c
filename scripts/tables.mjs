// Writes the tables of README.md, docs/choosing.md and docs/ownership.md (between their markers) and the plots from bench/results. --check
// changes nothing and fails when one of them is not what the results say.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { documents } from './lib/documents.mjs';
import { at } from './lib/paths.mjs';

for (const [path, text] of await documents()) {
  const before = existsSync(at(path)) ? readFileSync(at(path), 'utf8') : '';
  if (before === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is not what bench/results says; run node scripts/tables.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(at(path), text);
    console.log(`written: ${path}`);
  }
}
