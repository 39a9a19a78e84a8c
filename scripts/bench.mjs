// npm run bench [arena] [question ...]: builds what is missing, asks every question of bench/arena in a process of its
// own, prints one table and writes bench/results/arena.json. With questions (`bump`, `reset` ...) only those, unwritten.
import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { at } from './lib/paths.mjs';
import { ensureBuiltOrExit } from './lib/setup.mjs';

const QUESTIONS = ['bump', 'blocks', 'reset', 'request-loop'];

/** Runs one bench file and resolves with the answer that it sends. */
function ask(question) {
  return new Promise((resolve, reject) => {
    const child = fork(at('bench', 'arena', `${question}.mjs`), { execArgv: ['--expose-gc'] });
    let answer;
    child.on('message', (message) => (answer = message));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 && answer) resolve(answer);
      else reject(new Error(`bench/arena/${question}.mjs ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

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

const names = process.argv.slice(2).filter((name) => name !== 'arena');
const unknown = names.filter((name) => !QUESTIONS.includes(name));
if (unknown.length > 0) {
  console.error(`no such question: ${unknown.join(', ')}; there are ${QUESTIONS.join(', ')}`);
  process.exit(1);
}

await ensureBuiltOrExit();
const { ensureLimit } = await import('../bench/lib/native.mjs');
const { claimsText, notesText, tableText } = await import('../bench/lib/table.mjs');
await ensureLimit();

const asked = names.length > 0 ? names : QUESTIONS;
const answers = [];
for (const question of asked) {
  console.error(`freehold: measuring ${question} (${answers.length + 1} of ${asked.length}) ...`);
  answers.push(await ask(question));
}

const { date, machine, versions } = conditions();
console.log(
  `\n${machine.model}, ${machine.cores} cores, Node ${versions.node}, V8 ${versions.v8}, ${date.slice(0, 10)}`,
);
console.log(
  'medians of interleaved rounds, garbage collections included; Nx: so many times what freehold takes\n',
);
console.log(tableText(answers.flatMap(({ rows }) => rows)));
console.log(`\n${answers.map(notesText).join('\n')}`);
console.log(`\n${claimsText(answers.flatMap(({ claims }) => claims))}`);

if (names.length === 0) {
  mkdirSync(at('bench', 'results'), { recursive: true });
  writeFileSync(
    at('bench', 'results', 'arena.json'),
    `${JSON.stringify({ date, machine, versions, answers }, null, 2)}\n`,
  );
  console.log('\nwritten: bench/results/arena.json (node scripts/readme-tables.mjs puts it into README.md)');
}
