// @ts-check
// What does it cost to make every view of a used chunk die, and what do the other two modes cost?
import { setImmediate as turn } from 'node:timers/promises';
import { Arena } from 'freehold';
import { loadLimit } from '../lib/native.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave } from '../lib/rounds.mjs';
import { separate } from '../lib/separate.mjs';

const CHUNK = 64 * 1024;
const RESETS_PER_TURN = 64;
const TURNS = 100;

/** @typedef {'detach' | 'orphan' | 'reuse'} Mode */

/** @param {Mode} mode @returns {(resets: number) => number} */
const loopOf = (mode) =>
  separate((/** @type {Arena} */ arena) => (/** @type {number} */ resets) => {
    let sum = 0;
    for (let i = 0; i < resets; i++) {
      const block = arena.allocUnsafe(64);
      block[0] = i;
      sum += block[0];
      arena.reset();
    }
    return sum;
  })(new Arena({ initialBytes: CHUNK, maxChunkBytes: CHUNK, reset: mode }));

/**
 * On Node 20 a detach leaves a small finalizer for the next turn of the event loop, so the loop turns between batches,
 * as it does in a server. `call` is the time inside of the batches, `total` has the turns in it.
 *
 * @param {Mode} mode
 */
function timed(mode) {
  const loop = loopOf(mode);
  return async () => {
    let inside = 0;
    const begin = performance.now();
    for (let i = 0; i < TURNS; i++) {
      const start = performance.now();
      loop(RESETS_PER_TURN);
      inside += performance.now() - start;
      await turn();
    }
    const toNanoseconds = 1e6 / (TURNS * RESETS_PER_TURN);
    return { call: inside * toNanoseconds, total: (performance.now() - begin) * toNanoseconds };
  };
}

const limit = loadLimit();
const { call, total } = await interleave(
  {
    detach: timed('detach'),
    orphan: timed('orphan'),
    reuse: timed('reuse'),
    // One block to a chunk: each block is allocated and released.
    limit: () => ({ call: limit.touch(64, 64, 100_000) }),
  },
  { rounds: 15, warmup: 3 },
);

const note = '64 KiB chunk with one 64 B block in it, the block included';
report({
  question: 'reset of one used chunk',
  rows: [
    { title: 'reset, detach', unit: 'ns', note, cells: { [OURS]: call.detach, 'C++ pmr': call.limit } },
    {
      title: 'reset, detach, with the loop turn',
      unit: 'ns',
      note: `a turn of the event loop after every ${RESETS_PER_TURN} resets, which runs their finalizers`,
      cells: { [OURS]: total.detach },
    },
    { title: 'reset, orphan', unit: 'ns', note, cells: { [OURS]: call.orphan } },
    { title: 'reset, reuse', unit: 'ns', note, cells: { [OURS]: call.reuse, 'C++ pmr': call.limit } },
  ],
  claims: [claim('safe reset, ns', call.detach.median, 'at most', 1500)],
  doesNotShow: [
    'arenas of several chunks, where a reset also merges them into one',
    'how many views die: a detach costs the same for one view as for a million',
    'the price of orphan mode in memory: every orphaned chunk waits for the garbage collector',
  ],
});
