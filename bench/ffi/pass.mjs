// @ts-check
// What does it cost to take a buffer, hand it to a C function through koffi, and give it back?
import koffi from 'koffi';
import { Arena, Pool } from 'freehold';
import { loadLibraries } from '../lib/c-libraries.mjs';
import { OURS, claim, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';
import { separate } from '../lib/separate.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */
/** @typedef {import('../lib/c-libraries.mjs').Libraries} Libraries */
/** @typedef {Libraries['firstByte']} Call */

const CALLS = 4000;
/** Blocks of an arena between two resets. */
const BATCH = 50;
const { firstByte, firstByteAt } = await loadLibraries();

/** @param {() => unknown} loop */
const timed = (loop) => () => ({ call: nanoseconds(loop, CALLS) });

/** @param {string} title @param {Record<string, () => unknown>} loops @returns {Promise<Row>} */
async function row(title, loops) {
  const columns = Object.fromEntries(Object.entries(loops).map(([peer, loop]) => [peer, timed(loop)]));
  const { call } = await interleave(columns, { rounds: 21, warmup: 5 });
  return { title, unit: 'ns', cells: call };
}

/** Taken, written, handed over as a Block, freed. @param {number} size */
const fromPool = (size) =>
  separate(
    (/** @type {Pool} */ pool, /** @type {Call} */ call, /** @type {number[]} */ [calls, size]) =>
      () => {
        let sum = 0;
        for (let k = 0; k < calls; k++) {
          const block = pool.allocUnsafe();
          block[0] = k;
          sum += call(block, size);
          pool.free(block);
        }
        return sum;
      },
  )(new Pool({ blockBytes: size }), firstByte, [CALLS, size]);

/** @param {number} size */
const fromArena = (size) =>
  separate(
    (/** @type {Arena} */ arena, /** @type {Call} */ call, /** @type {number[]} */ [calls, size, batch]) =>
      () => {
        let sum = 0;
        for (let k = 0; k < calls; k += batch) {
          for (let j = 0; j < batch; j++) {
            const block = arena.allocUnsafe(size);
            block[0] = j;
            sum += call(block, size);
          }
          arena.reset();
        }
        return sum;
      },
  )(new Arena(), firstByte, [CALLS, size, BATCH]);

/** @typedef {{ alloc: typeof koffi.alloc, encode: typeof koffi.encode, free: typeof koffi.free }} Koffi */

/** koffi's: `write` through it or not. @param {number} size @param {boolean} write */
const fromKoffi = (size, write) =>
  separate(
    (
      /** @type {Koffi} */ { alloc, encode, free },
      /** @type {Call} */ call,
      /** @type {number[]} */ [calls, size],
      /** @type {boolean} */ write,
    ) =>
      () => {
        let sum = 0;
        for (let k = 0; k < calls; k++) {
          const block = alloc('uint8_t', size);
          if (write) encode(block, 'uint8_t', k & 255);
          sum += call(block, size);
          free(block);
        }
        return sum;
      },
  )(koffi, firstByte, [CALLS, size], write);

/** @param {(size: number) => Uint8Array} make @param {number} size */
const fromBuffer = (make, size) =>
  separate(
    (
      /** @type {(size: number) => Uint8Array} */ make,
      /** @type {Call} */ call,
      /** @type {number[]} */ [calls, size],
    ) =>
      () => {
        let sum = 0;
        for (let k = 0; k < calls; k++) {
          const block = make(size);
          block[0] = k;
          sum += call(block, size);
        }
        return sum;
      },
  )(make, firstByte, [CALLS, size]);

/** The call alone, with what stands for the same block. @template T @param {Call} call @param {T} argument */
const callAlone = (call, argument) =>
  separate((/** @type {Call} */ call, /** @type {any} */ argument, /** @type {number} */ calls) => () => {
    let sum = 0;
    for (let k = 0; k < calls; k++) sum += call(argument, 64);
    return sum;
  })(call, argument, CALLS);

/** @type {Row[]} */
const rows = [];
for (const [size, name] of /** @type {const} */ ([
  [64, '64 B'],
  [65536, '64 KiB'],
])) {
  const bytes = Buffer.alloc(size);
  rows.push(
    await row(`allocate, write, call, free: ${name}`, {
      [OURS]: fromPool(size),
      'freehold arena': fromArena(size),
      'koffi.alloc': fromKoffi(size, true),
      'koffi.alloc, not written': fromKoffi(size, false),
      'Buffer.from': fromBuffer(() => Buffer.from(bytes), size),
      'Buffer.alloc': fromBuffer((size) => Buffer.alloc(size), size),
    }),
  );
}

const pool = new Pool({ blockBytes: 64 });
const block = pool.alloc();
const { address } = block;
rows.push(
  await row('the call alone, with a block of ours', {
    [OURS]: callAlone(firstByte, block),
    'its address, a number': callAlone(firstByteAt, Number(address)),
    'its address, a bigint': callAlone(firstByteAt, address),
    'its address, asked each time': separate(
      (/** @type {Call} */ call, /** @type {typeof block} */ block, /** @type {number} */ calls) => () => {
        let sum = 0;
        for (let k = 0; k < calls; k++) sum += call(block.address, 64);
        return sum;
      },
    )(/** @type {any} */ (firstByteAt), block, CALLS),
    'a Buffer': callAlone(firstByte, Buffer.alloc(64)),
  }),
);

/** @param {number} index @param {string} peer */
const ratio = (index, peer) => rows[index].cells[peer].median / rows[index].cells[OURS].median;

report({
  question: 'What does it cost to take a buffer, hand it to a C function through koffi, and give it back?',
  rows,
  claims: [
    claim(
      '64 B: allocate, write, call, free: times faster than koffi.alloc',
      ratio(0, 'koffi.alloc'),
      'at least',
      3,
    ),
    claim('64 KiB: the same', ratio(1, 'koffi.alloc'), 'at least', 3),
  ],
  doesNotShow: [
    'what the C function does with the bytes: it reads the first one',
    'conversions of structs and strings, which koffi makes where a signature asks for them',
    'the write of many bytes: a Block is written like any Buffer, memory of koffi.alloc through koffi.encode only',
  ],
});
