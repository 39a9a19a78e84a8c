// @ts-check
// What do the rules of freehold/eslint add to linting with types? Each round is a process of its own.
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { ask } from '../lib/child.mjs';
import { OURS, claim, report } from '../lib/question.mjs';
import { interleave } from '../lib/rounds.mjs';
import { writeProject } from './project.mjs';

const LINES = 20_000;
const ROUNDS = 3;
const THEIRS = 'typescript-eslint alone';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'build', 'bench-eslint');
const lines = writeProject(folder, LINES, root);
const program = fileURLToPath(new URL('run.mjs', import.meta.url));

/** @param {'with' | 'without'} how */
const run = (how) => async () => /** @type {Record<string, number>} */ (await ask(program, [folder, how]));

const { seconds, findings } = await interleave(
  { [OURS]: run('with'), [THEIRS]: run('without') },
  { rounds: ROUNDS, warmup: 1 },
);
if (findings[OURS].median !== findings[THEIRS].median)
  throw new Error('the project is right, but freehold has found something in it');

report({
  question: 'what the rules add to linting',
  rows: [
    {
      title: `recommendedTypeChecked over ${lines.toLocaleString('en-US')} lines of TypeScript, with the ten rules and without, s of CPU`,
      unit: 's',
      cells: seconds,
    },
  ],
  claims: [
    claim(
      'linting with freehold/eslint over linting without',
      seconds[OURS].median / seconds[THEIRS].median,
      'at most',
      1.15,
    ),
  ],
  doesNotShow: [
    'a project without types, where the rules are most of what there is to do',
    'the time that an editor takes for the one file that has changed',
  ],
});
