// @ts-check
// What does one block cost, as the user gets it, from 64 B to 1 MiB, zero-filled and not? And what in a loop of frames that
// all allocate alike, by an arena in mode 'reuse'?
import { loadLimit } from '../lib/native.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { repeat } from '../lib/rounds.mjs';
import { runSuite } from '../lib/suite.mjs';
import * as peers from '../lib/peers.mjs';

/**
 * @typedef {import('../lib/question.mjs').Row} Row
 * @typedef {import('../lib/peers.mjs').Setting} Setting
 */

const KIB = 1024;
const MIB = 1024 * KIB;

// The chunk that a user would choose for a batch of such blocks: 4 MiB, or what 256 of them take (16 of the largest). The
// reset at its end is part of the figure.
const SIZES = [
  { size: 64, name: '64 B', chunkBytes: 4 * MIB },
  { size: 1 * KIB, name: '1 KiB', chunkBytes: 4 * MIB },
  { size: 4 * KIB, name: '4 KiB', chunkBytes: 4 * MIB },
  { size: 64 * KIB, name: '64 KiB', chunkBytes: 16 * MIB },
  { size: 1 * MIB, name: '1 MiB', chunkBytes: 16 * MIB },
];

// Frames of as many blocks as a game or a codec may take for one, in an arena that has room for just them.
const FRAMES = [
  { size: 64, name: '64 B', chunkBytes: 64 * KIB },
  { size: 64 * KIB, name: '64 KiB', chunkBytes: 16 * MIB },
];

/**
 * @typedef {object} Fill
 * @property {string} fill
 * @property {(setting: Setting) => Record<string, peers.Loop>} loops
 * @property {import('../lib/native.mjs').Limit} limit
 * @property {(blocks: number, chunkBytes: number) => number} limitChunks chunks for some milliseconds of C++
 * @property {(blocks: string) => string} end what ends the blocks of a chunk
 */

/** @param {string} blocks */
const safeReset = (blocks) => `one safe reset for ${blocks} blocks included`;

/** @type {Fill} */
const UNSAFE = {
  fill: 'unsafe',
  loops: (setting) => ({
    [OURS]: peers.arenaUnsafe(setting),
    'Buffer.allocUnsafe': peers.bufferAllocUnsafe(),
    'Buffer.allocUnsafeSlow': peers.bufferAllocUnsafeSlow(),
    '@thi.ng/malloc': peers.memPoolUnsafe(setting),
    'koffi.alloc': peers.koffiAlloc(),
  }),
  limit: loadLimit().touch,
  limitChunks: (blocks) => 500_000 / blocks,
  end: safeReset,
};

/** @type {Fill} */
const ZEROED = {
  fill: 'zeroed',
  loops: (setting) => ({
    [OURS]: peers.arenaZeroed(setting),
    'Buffer.alloc': peers.bufferAlloc(),
    'new Uint8Array': peers.uint8Array(),
    '@thi.ng/malloc': peers.memPoolZeroed(setting),
    'koffi.alloc': peers.koffiAlloc(),
  }),
  limit: loadLimit().zero,
  limitChunks: (_blocks, chunkBytes) => (256 * MIB) / chunkBytes,
  end: safeReset,
};

// The same peers: what they do in a loop of frames is what they always do.
/** @type {Fill} */
const FRAME_LOOP = {
  ...UNSAFE,
  fill: 'unsafe, frame loop',
  loops: (setting) => ({
    ...UNSAFE.loops(setting),
    [OURS]: peers.arenaUnsafe({ ...setting, mode: 'reuse' }),
  }),
  end: (blocks) => `frames of ${blocks} blocks each in mode 'reuse', whose views come back and do not die`,
};

/**
 * @param {(typeof SIZES)[number]} of
 * @param {Fill} filling
 * @returns {Promise<Row>}
 */
async function measure({ size, name, chunkBytes }, { fill, loops, limit, limitChunks, end }) {
  const blocks = chunkBytes / size;
  // Some thousand blocks per call, so that the call itself is not in the figure; less when they are large.
  const chunks = Math.max(1, Math.min(4096, (64 * MIB) / size) / blocks);
  const work = Int32Array.of(chunks, blocks, size);
  const bound = Object.fromEntries(
    Object.entries(loops({ chunkBytes, blocks })).map(([peer, loop]) => [peer, () => loop(work)]),
  );
  const { time } = await repeat([...Object.keys(bound), 'C++ pmr'], async (order) => {
    const times = await runSuite(
      order.filter((peer) => peer in bound),
      bound,
      chunks * blocks,
    );
    times['C++ pmr'] = limit(size, chunkBytes, Math.ceil(limitChunks(blocks, chunkBytes)));
    return Object.fromEntries(Object.entries(times).map(([peer, time]) => [peer, { time }]));
  });
  const note = `${chunkBytes / KIB} KiB chunk, ${end(blocks.toLocaleString('en-US'))}`;
  return { title: `${name} ${fill}`, unit: 'ns', note, cells: time };
}

/** @type {Row[]} */
const rows = [];
for (const size of SIZES) rows.push(await measure(size, UNSAFE));
for (const size of FRAMES) rows.push(await measure(size, FRAME_LOOP));
for (const size of SIZES) rows.push(await measure(size, ZEROED));

/**
 * @param {string} title
 * @param {string} peer
 * @param {number} wanted
 */
function faster(title, peer, wanted) {
  const { cells } = /** @type {Row} */ (rows.find((row) => row.title === title));
  return claim(
    `${title} against ${peer}, times faster`,
    cells[peer].median / cells[OURS].median,
    'at least',
    wanted,
  );
}

report({
  question: 'one block, 64 B to 1 MiB',
  rows,
  claims: [
    faster('64 B unsafe', 'Buffer.allocUnsafe', 2),
    faster('4 KiB unsafe', 'Buffer.allocUnsafe', 12),
    faster('64 KiB unsafe', 'Buffer.allocUnsafe', 50),
    faster('64 B unsafe, frame loop', 'Buffer.allocUnsafe', 2),
    faster('64 KiB unsafe, frame loop', 'Buffer.allocUnsafe', 50),
    faster('1 KiB zeroed', 'Buffer.alloc', 8),
    faster('4 KiB zeroed', 'Buffer.alloc', 8),
  ],
  doesNotShow: [
    'the cost of using the memory: one byte of each block is written and read, so fresh pages of Buffer are hardly touched',
    'buffers that live long: all are let go at once, the best case for the collector',
    'frames that differ: the frame loop asks for the same blocks each time; a block that differs costs 2 ns more than one without a list',
    'koffi returns a zero-filled pointer without a view, and nothing is written through it',
    'memory held: an arena keeps its chunk until it is trimmed or disposed, Buffer returns memory when it is collected',
  ],
});
