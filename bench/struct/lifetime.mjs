// @ts-check
// What does a struct cost that is made and given back?
import koffi from 'koffi';
import { Arena, Heap, Pool, create, destroy, f64, i32, struct } from 'freehold';
import { OURS, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';
import { separate } from '../lib/separate.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */
/** @typedef {import('freehold').Allocator} Allocator */

const PAIRS = 2000;
const point = struct({ x: f64, y: f64, n: i32 }, { name: 'point' });

class Point {
  /** @param {number} x @param {number} y @param {number} n */
  constructor(x, y, n) {
    this.x = x;
    this.y = y;
    this.n = n;
  }
}

/** @param {() => unknown} loop */
const timed = (loop) => () => ({ pair: nanoseconds(loop, PAIRS) });

/** @param {string} title @param {Record<string, () => unknown>} loops @returns {Promise<Row>} */
async function row(title, loops) {
  const columns = Object.fromEntries(Object.entries(loops).map(([peer, loop]) => [peer, timed(loop)]));
  const { pair } = await interleave(columns, { rounds: 11, warmup: 4 });
  return { title, unit: 'ns', cells: pair };
}

/** @typedef {(pairs: number, make: typeof create, end: typeof destroy, layout: typeof point, allocator: Allocator) => () => unknown} Made */

/** Made, a field written and read, destroyed. @param {Allocator} allocator */
const pairs = (allocator) =>
  separate(
    /** @type {Made} */ (pairs, make, end, layout, allocator) => () => {
      let sum = 0;
      for (let k = 0; k < pairs; k++) {
        const p = make(allocator, layout);
        p.n = k;
        sum ^= p.n;
        end(p);
      }
      return sum;
    },
  )(PAIRS, create, destroy, point, allocator);

/** The same with values to begin with. @param {Allocator} allocator */
const initialised = (allocator) =>
  separate(
    /** @type {Made} */ (pairs, make, end, layout, allocator) => () => {
      let sum = 0;
      for (let k = 0; k < pairs; k++) {
        const p = make(allocator, layout, { x: 1.5, y: 2.5, n: k });
        sum ^= p.n;
        end(p);
      }
      return sum;
    },
  )(PAIRS, create, destroy, point, allocator);

/** Made one after another, and ended together. @param {Arena} arena */
const inArena = (arena) =>
  separate(
    (
      /** @type {number} */ pairs,
      /** @type {typeof create} */ make,
      /** @type {typeof point} */ layout,
      /** @type {Arena} */ arena,
    ) =>
      () => {
        let sum = 0;
        for (let k = 0; k < pairs; k++) {
          const p = make(arena, layout);
          p.n = k;
          sum ^= p.n;
        }
        arena.reset();
        return sum;
      },
  )(PAIRS, create, point, arena);

/** Three typed arrays over a block, as one would write it by hand. @param {Pool} pool */
const byHand = (pool) =>
  separate((/** @type {number} */ pairs, /** @type {Pool} */ pool) => () => {
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = pool.alloc();
      const numbers = new Float64Array(block.buffer, block.byteOffset, 3);
      const integers = new Int32Array(block.buffer, block.byteOffset, 6);
      numbers[0] = 0;
      integers[4] = k;
      sum ^= integers[4];
      pool.free(block);
    }
    return sum;
  })(PAIRS, pool);

const objects = separate((/** @type {number} */ pairs, /** @type {typeof Point} */ Point) => () => {
  let sum = 0;
  for (let k = 0; k < pairs; k++) sum ^= new Point(1.5, 2.5, k).n;
  return sum;
})(PAIRS, Point);

const inKoffi = separate(
  (
    /** @type {number} */ pairs,
    /** @type {typeof koffi} */ koffi,
    /** @type {import('koffi').TypeObject} */ type,
  ) =>
    () => {
      let misses = 0;
      for (let k = 0; k < pairs; k++) {
        const pointer = koffi.alloc(type, 1);
        if (!pointer) misses++;
        koffi.free(pointer);
      }
      return misses;
    },
)(PAIRS, koffi, koffi.struct({ x: 'double', y: 'double', n: 'int32_t' }));

const pool = () => new Pool({ blockBytes: point.size });

const rows = [
  await row('over a pool: create, a field, destroy', {
    [OURS]: pairs(pool()),
    'views by hand': byHand(pool()),
    'koffi.alloc': inKoffi,
    'JS object': objects,
  }),
  await row('over a heap', { [OURS]: pairs(new Heap()) }),
  await row('over a pool, with three values', { [OURS]: initialised(pool()) }),
  await row('over an arena, ended by its reset', { [OURS]: inArena(new Arena({ initialBytes: 1 << 18 })) }),
];

report({
  question: 'structs that are made and destroyed',
  rows,
  claims: [],
  doesNotShow: [
    'structs that live long: these are found dead by V8 at once, as the objects are that they are compared with',
    'many structs at once: an array of them is one block, and its cursor one object',
  ],
});
