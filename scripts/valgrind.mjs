// npm run test:valgrind: the smoke test, on node and the addon of build/, under valgrind's memcheck.
//
// An error is one wherever it happens. What is lost for good is told apart by the stack of its allocation: with a frame of
// freehold.node in it it counts, unless scripts/lib/valgrind.supp names what node does there; without one it is node's own, and is
// only shown.
import { readFileSync, rmSync } from 'node:fs';
import { at } from './lib/paths.mjs';
import { capture } from './lib/run.mjs';
import { ensureBuiltOrExit } from './lib/setup.mjs';

const OURS = /freehold\.node\)/;

await ensureBuiltOrExit();
const log = at('build/valgrind.log');
rmSync(log, { force: true });
const args = [
  '--leak-check=full',
  '--show-leak-kinds=definite',
  '--num-callers=40',
  `--suppressions=${at('scripts/lib/valgrind.supp')}`,
  `--log-file=${log}`,
  process.execPath,
  at('test/runtimes/smoke.mjs'),
];
const { code, output } = await capture('valgrind', args, { seconds: 500 });
const report = readFileSync(log, 'utf8').replace(/^==\d+== ?/gm, '');
const parts = report.split(/\n\s*\n/);
const withStack = parts.filter((part) => /^\s+at 0x/m.test(part));
const lost = withStack.filter((part) => / definitely lost /.test(part));
const errors = withStack.filter((part) => !/ lost in loss record /.test(part));
const ours = lost.filter((part) => OURS.test(part));
for (const part of [...errors, ...ours]) console.log(`${part}\n`);
console.log(/smoke: .*/.exec(output)?.[0] ?? output);
console.log(/ERROR SUMMARY.*/.exec(report)?.[0]);
console.log(
  `valgrind: ${errors.length} errors, ${ours.length} blocks lost by freehold.node, ${lost.length - ours.length} by node itself`,
);
process.exitCode =
  code === 0 && /smoke: \d+ passed, 0 failed/.test(output) && errors.length + ours.length === 0 ? 0 : 1;
