// Writes the tables of README.md and of the guides (between their markers) and the plots from bench/results, and from dist/ what tells of
// metrics: a table in docs/servers.md, and docs/grafana.json. --check changes nothing and fails when one of them is not up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { documents } from './lib/documents.mjs';
import { at } from './lib/paths.mjs';

for (const [path, text] of await documents()) {
  const before = existsSync(at(path)) ? readFileSync(at(path), 'utf8') : '';
  if (before === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is not what bench/results and dist/ say; run node scripts/tables.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(at(path), text);
    console.log(`written: ${path}`);
  }
}
