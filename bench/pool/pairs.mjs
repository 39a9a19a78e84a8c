// @ts-check
// What does a block of a fixed size cost that is given back at once: as an index, a handle, a Block? And what once an
// ArrayBuffer was detached in the process, after which V8 checks every access to a typed array for that?
import { Pool } from 'freehold';
import * as bursts from '../lib/bursts.mjs';
import { loadMalloc } from '../lib/native.mjs';
import * as peers from '../lib/pairs.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const PAIRS = 10_000;
const MALLOC = 'C malloc';
const malloc = loadMalloc();

/** @param {number} size */
const others = (size) => ({
  [MALLOC]: () => ({ pair: malloc.pairs(size, 500_000) }),
  'koffi.alloc': timed(peers.koffiAlloc(), size),
});

/** @param {peers.Loop} loop @param {number} size @param {number} [length] pairs of each repetition in the loop */
function timed(loop, size, length = 1) {
  const work = Int32Array.of(PAIRS / length, size);
  return () => ({ pair: nanoseconds(() => loop(work), PAIRS) });
}

/**
 * @param {string} title
 * @param {Record<string, () => { pair: number }>} of
 * @returns {Promise<Row>}
 */
async function row(title, of) {
  const { pair } = await interleave(of, { rounds: 15, warmup: 3 });
  return { title, unit: 'ns', cells: pair };
}

/** All rows. Every loop is compiled anew each time. @param {string} when */
async function measure(when) {
  /** @type {Row[]} */
  const rows = [];
  for (const [size, name] of /** @type {const} */ ([
    [64, '64 B'],
    [1024, '1 KiB'],
  ])) {
    const pool = new Pool({ blockBytes: size });
    const indices = { ...others(size), '@thi.ng/malloc': timed(peers.memPool(), size) };
    rows.push(
      await row(`index, ${name}${when}`, { [OURS]: timed(peers.poolIndex(pool), size), ...indices }),
      await row(`index, bursts of ${bursts.LENGTH}, ${name}${when}`, {
        [OURS]: timed(bursts.poolIndex(pool), size, bursts.LENGTH),
        [MALLOC]: () => ({ pair: malloc.bursts(size, bursts.LENGTH, 30_000) }),
        'koffi.alloc': timed(bursts.koffiAlloc(), size, bursts.LENGTH),
        '@thi.ng/malloc': timed(bursts.memPool(), size, bursts.LENGTH),
      }),
      await row(`handle, ${name}${when}`, { [OURS]: timed(peers.poolHandle(pool), size), ...indices }),
      await row(`Block, ${name} zeroed${when}`, {
        [OURS]: timed(peers.poolBlock(pool), size),
        'Buffer.alloc': timed(peers.bufferAlloc(), size),
      }),
      await row(`Block, ${name} unsafe${when}`, {
        [OURS]: timed(peers.poolBlockUnsafe(pool), size),
        'Buffer.allocUnsafe': timed(peers.bufferAllocUnsafe(), size),
        'Buffer.allocUnsafeSlow': timed(peers.bufferAllocUnsafeSlow(), size),
        ...others(size),
        '@thi.ng/malloc': timed(peers.memPoolView(), size),
      }),
    );
    pool.dispose();
  }
  return rows;
}

const before = await measure('');
const gone = new ArrayBuffer(8);
structuredClone(gone, { transfer: [gone] });
const DETACHED = ', after a detach';
const rows = [...before, ...(await measure(DETACHED))];

/** @param {string} title */
const median = (title) => {
  const { cells } = /** @type {Row} */ (rows.find((row) => row.title === title));
  return (/** @type {string} */ peer) => cells[peer].median;
};

/** @param {string} when */
function claims(when) {
  const index = median(`index, 64 B${when}`);
  const zeroed = median(`Block, 64 B zeroed${when}`);
  const small = median(`Block, 64 B unsafe${when}`);
  const large = median(`Block, 1 KiB unsafe${when}`);
  const faster = (/** @type {string} */ peer, /** @type {number} */ wanted) =>
    claim(
      `pool index pair${when} against ${peer}, times faster`,
      index(peer) / index(OURS),
      'at least',
      wanted,
    );
  return [
    faster(MALLOC, 3),
    faster('@thi.ng/malloc', 4),
    faster('koffi.alloc', 40),
    claim(`pool allocUnsafe and free of a 64 B Block${when}, ns`, small(OURS), 'at most', 10),
    claim(`pool alloc (zeroed) and free of a 64 B Block${when}, ns`, zeroed(OURS), 'at most', 10),
    claim(
      `pool Block of 1 KiB${when} against Buffer.allocUnsafe(1024), times faster`,
      large('Buffer.allocUnsafe') / large(OURS),
      'at least',
      4,
    ),
  ];
}

report({
  question: 'blocks of a pool, given back at once',
  rows,
  claims: [...claims(''), ...claims(DETACHED)],
  doesNotShow: [
    'node 22 and newer before a detach: there the memory of a pool itself is moved from one ArrayBuffer to another, which counts ' +
      'as one',
    'the cost of reading or writing the memory: one byte of a Block, nothing of an index',
    'a C library with another malloc than the system, and C that is not inlined into its loop as here',
    'what Buffer costs a program with much JavaScript heap: its collections take longer there',
  ],
});
