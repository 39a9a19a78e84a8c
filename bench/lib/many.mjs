// @ts-check
// The same work on top of 1,000 to 10 million live blocks. An allocator grows from one count to the next, so the blocks of
// one are the first of the next.
import { separate } from './separate.mjs';
import { nanoseconds, repeat } from './rounds.mjs';
import { victimsOf } from './random.mjs';

/**
 * @typedef {import('./question.mjs').Row} Row
 * @typedef {(victims: Uint32Array) => number} Replace nanoseconds for one replacement
 * @typedef {{ pair?: () => number, replace: Replace }} Work
 * @typedef {(live: number) => Work} Grow
 */

export const COUNTS = [1e3, 1e4, 1e5, 1e6, 1e7];
export const LARGEST = COUNTS[COUNTS.length - 1];
const VICTIMS = 1 << 18;
const WORDS_PER_LINE = 16;

/** What the memory itself costs, whatever the allocator: a word of the victim's cache line is read. @returns {Grow} */
export function bareRead() {
  const lines = new Uint32Array(LARGEST * WORDS_PER_LINE).fill(1);
  const read = separate((/** @type {Uint32Array} */ lines, /** @type {Uint32Array} */ victims) => {
    let sum = 0;
    for (let k = 0; k < victims.length; k++) sum ^= lines[victims[k] << 4];
    return sum;
  });
  return () => ({ replace: (victims) => nanoseconds(() => read(lines, victims), victims.length) });
}

/** One after the other: each of the live blocks is the oldest when its turn comes. @param {number} live */
const inOrder = (live) => Uint32Array.from({ length: Math.max(live, VICTIMS) }, (_, i) => i % live);

/**
 * Rows of all counts: immediate pairs on top of the live blocks, then replacements of the oldest and of random ones.
 *
 * @param {string} what
 * @param {Record<string, Grow>} peers the first one is ours
 * @returns {Promise<Record<'pair' | 'oldest' | 'random', Row[]>>}
 */
export async function measureMany(what, peers) {
  /** @type {Record<'pair' | 'oldest' | 'random', Row[]>} */
  const rows = { pair: [], oldest: [], random: [] };
  for (const live of COUNTS) {
    const oldest = inOrder(live);
    const random = victimsOf(live, VICTIMS);
    const work = Object.fromEntries(Object.entries(peers).map(([peer, grow]) => [peer, grow(live)]));
    // Nothing here makes garbage, so nothing is collected in between: with 10 million objects that would take most of the time.
    const found = await repeat(
      Object.keys(peers),
      async (order) => Object.fromEntries(order.map((peer) => [peer, once(work[peer], oldest, random)])),
      { rounds: 5, warmup: 2 },
    );
    for (const kind of /** @type {const} */ (['pair', 'oldest', 'random'])) {
      rows[kind].push({
        title: `${what}, ${kind}, ${live.toLocaleString('en-US')} live`,
        unit: 'ns',
        point: { what, work: kind, live },
        cells: found[kind],
      });
    }
  }
  return rows;
}

/**
 * @param {Work} work
 * @param {Uint32Array} oldest
 * @param {Uint32Array} random
 */
function once({ pair, replace }, oldest, random) {
  return { ...(pair && { pair: pair() }), oldest: replace(oldest), random: replace(random) };
}

/**
 * How many times as much the most live blocks cost as the fewest.
 * @param {readonly Row[]} rows
 * @param {string} peer
 */
export function growth(rows, peer) {
  return rows[rows.length - 1].cells[peer].median / rows[0].cells[peer].median;
}
