// @ts-check
// What does an owner of a block cost, over the block itself?
import { Pool, owned } from 'freehold';
import * as owners from '../lib/owners.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const ROUNDS = 10_000;
const SIZE = 64;
const RAW = 'Pool, by Block';
const pool = () => new Pool({ blockBytes: SIZE });

/** @param {import('../lib/pairs.mjs').Loop} loop */
function timed(loop) {
  const work = Int32Array.of(ROUNDS, SIZE);
  return () => ({ round: nanoseconds(() => loop(work), ROUNDS) });
}

/**
 * @param {string} title
 * @param {Record<string, () => import('../lib/rounds.mjs').Figures>} columns
 * @returns {Promise<Row>}
 */
async function row(title, columns) {
  const { round } = await interleave(columns, { rounds: 11, warmup: 3 });
  return { title, unit: 'ns', cells: round };
}

const raw = timed(owners.blocks(pool()));
const rows = [
  await row('64 B with an owner, and its dispose', {
    [OURS]: timed(owners.handles(owned, pool())),
    [RAW]: raw,
    'WeakMap of owners': timed(owners.weakMap(pool())),
  }),
  await row('the same in try and finally', {
    [OURS]: timed(owners.guardedHandles(owned, pool())),
    [RAW]: raw,
  }),
  await row('the same, moved once', { [OURS]: timed(owners.moves(owned, pool())), [RAW]: raw }),
  await row('a borrow, and its end', { [OURS]: timed(owners.borrows(owned, pool())) }),
];

report({
  question: 'what an owner of a block costs',
  rows,
  claims: [claim('owned() over a pool and dispose(), ns', rows[0].cells[OURS].median, 'at most', 60)],
  doesNotShow: [
    'the first owner of a block, whose object gets the private field that names its owner: a pool hands the same ' +
      'object out again, other allocators make one each time',
    'what V8 makes of handles that outlive a function: here it may keep some of them off the heap',
  ],
});
