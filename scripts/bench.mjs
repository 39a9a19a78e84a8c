// npm run bench [group | question | group/question ...]: builds what is missing, asks every question of the groups (all of
// bench/groups.mjs) in a process of its own, prints a table, and writes bench/results/<group>.json and the plots of it.
// Of single questions (`bump`, `heap/pairs` ...) nothing is written.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { GROUPS, OPTIONS } from '../bench/groups.mjs';
import { at } from './lib/paths.mjs';
import { ensureBuiltOrExit } from './lib/setup.mjs';

/** Where and with what the figures came about: they mean nothing without it. */
function conditions() {
  // Read as files: not every package exports its package.json.
  const versionOf = (...folder) => JSON.parse(readFileSync(at(...folder, 'package.json'), 'utf8')).version;
  return {
    date: new Date().toISOString(),
    machine: {
      model: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform} ${release()} ${process.arch}`,
      loadBefore: loadavg()[0],
    },
    versions: {
      node: process.versions.node,
      v8: process.versions.v8,
      freehold: versionOf(),
      '@thi.ng/malloc': versionOf('node_modules', '@thi.ng/malloc'),
      koffi: versionOf('node_modules', 'koffi'),
      benchmark: versionOf('node_modules', 'benchmark'),
    },
  };
}

/** The questions of each group that the arguments name; all of them without arguments. */
function chosen(names) {
  const all = Object.entries(GROUPS).flatMap(([group, questions]) =>
    questions.map((question) => ({ group, question })),
  );
  const named = (name) =>
    all.filter(({ group, question }) => [group, question, `${group}/${question}`].includes(name));
  const unknown = names.filter((name) => named(name).length === 0);
  if (unknown.length > 0) {
    const known = all.map(({ group, question }) => `${group}/${question}`).join(', ');
    console.error(`no such group or question: ${unknown.join(', ')}; there are ${known}`);
    process.exit(1);
  }
  return names.length === 0 ? all : all.filter((each) => names.some((name) => named(name).includes(each)));
}

const questions = chosen(process.argv.slice(2));
await ensureBuiltOrExit();
const { ask } = await import('../bench/lib/child.mjs');
const { ensureNative } = await import('../bench/lib/native.mjs');
const { claimsText, notesText, tableText } = await import('../bench/lib/table.mjs');
await ensureNative();

const { date, machine, versions } = conditions();
console.log(
  `${machine.model}, ${machine.cores} cores, Node ${versions.node}, V8 ${versions.v8}, ${date.slice(0, 10)}, ` +
    `load ${machine.loadBefore.toFixed(2)}\nmedians of interleaved rounds, garbage collections included; Nx: so many times ` +
    'what freehold takes',
);

const claims = [];
for (const group of Object.keys(GROUPS)) {
  const asked = questions.filter((each) => each.group === group).map(({ question }) => question);
  if (asked.length === 0) continue;
  const answers = [];
  for (const question of asked) {
    console.error(`freehold: measuring ${group}/${question} ...`);
    answers.push(await ask(at('bench', group, `${question}.mjs`), [], OPTIONS[question]));
  }
  console.log(`\n== ${group}\n\n${tableText(answers.flatMap(({ rows }) => rows))}`);
  console.log(`\n${answers.map(notesText).join('\n')}`);
  claims.push(...answers.flatMap((answer) => answer.claims));
  if (asked.length < GROUPS[group].length) continue;
  const results = { date, machine, versions, answers };
  mkdirSync(at('bench', 'results'), { recursive: true });
  writeFileSync(at('bench', 'results', `${group}.json`), `${JSON.stringify(results, null, 2)}\n`);
  console.log(
    `\nwritten: bench/results/${group}.json (node scripts/tables.mjs puts it into the documentation)`,
  );
}

console.log(`\n${claimsText(claims)}`);
