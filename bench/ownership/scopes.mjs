// @ts-check
// What does a scope cost, over try and finally by hand? Each round takes a block from an arena, and resets it at its end.
import { Arena, defer, scoped } from 'freehold';
import * as owners from '../lib/owners.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const ROUNDS = 10_000;
const SIZE = 64;
const BY_HAND = 'try and finally';
const BY_USING = 'using, compiled for Node 20';

/** @param {import('../lib/pairs.mjs').Loop} loop */
function timed(loop) {
  const work = Int32Array.of(ROUNDS, SIZE);
  return () => ({ round: nanoseconds(() => loop(work), ROUNDS) });
}

/** @param {'detach' | 'reuse'} reset @returns {Promise<Row>} */
async function row(reset) {
  const arena = () => new Arena({ reset });
  const columns = {
    [OURS]: timed(owners.scopes(scoped, arena())),
    [BY_HAND]: timed(owners.tryFinally(arena())),
    [BY_USING]: timed(owners.downlevelled(defer, arena())),
  };
  const { round } = await interleave(columns, { rounds: 21, warmup: 5 });
  return { title: `a block and a reset in a scope, mode '${reset}'`, unit: 'ns', cells: round };
}

const rows = [await row('reuse'), await row('detach')];
const [{ cells }] = rows;

report({
  question: 'what a scope costs',
  rows,
  claims: [
    claim(
      "scoped() and defer() over try and finally by hand, arena in mode 'reuse', ns more",
      cells[OURS].median - cells[BY_HAND].median,
      'at most',
      20,
    ),
  ],
  doesNotShow: [
    'native `using` (Node 24 and later)',
    'the overhead itself in the default mode of arenas: there it is less than what a reset varies by',
  ],
});
