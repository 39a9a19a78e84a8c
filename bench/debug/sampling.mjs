// @ts-check
// What do a guard and a profile cost that look at one of 5,000 allocations?
import { fileURLToPath } from 'node:url';
import { ask } from '../lib/child.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave } from '../lib/rounds.mjs';

const program = fileURLToPath(new URL('../lib/debug-request-loop.mjs', import.meta.url));

/** @param {object | null} debug */
const loop = (debug) => async () => ask(program, [JSON.stringify(debug)]);

const { microseconds } = await interleave(
  { off: loop(null), guard: loop({ guard: 'sampled' }), profile: loop({ record: 'sampled' }) },
  { rounds: 21, warmup: 1 },
);
const { off, guard, profile } = microseconds;
const percent = (/** @type {import('../lib/question.mjs').Cell} */ cell) =>
  (cell.median / off.median - 1) * 100;

report({
  question: 'sampling',
  rows: [
    {
      title: 'a request of 40 blocks of 16 KiB, each of which is written to, and a reset',
      unit: 'us',
      note: 'the least of 10 rounds of 4,000 requests in a process of its own; the median of 21 processes',
      cells: { [OURS]: off, 'sampled guard': guard, 'sampled profile': profile },
    },
  ],
  claims: [
    claim('a sampled guard costs so many percent', percent(guard), 'at most', 1),
    claim('a sampled profile costs so many percent', percent(profile), 'at most', 1),
  ],
  doesNotShow: [
    'programs that do nothing but allocate: there an alloc and a free of a pool that are not recorded cost 4 ns more',
  ],
});
