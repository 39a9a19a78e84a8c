// @ts-check
// Loops over a live set: the block of a random victim is given back and another one taken in its place. All peers get the
// same victims, and sizes where these differ.
import { MemPool } from '@thi.ng/malloc';
import koffi from 'koffi';
import { separate } from './separate.mjs';

/**
 * @typedef {import('freehold').Pool} Pool
 * @typedef {import('freehold').Allocator} Allocator
 * @typedef {object} Plan
 * @property {number} live how many blocks there are at any time
 * @property {Uint32Array} victims which of them gives way, one after the other
 * @property {Uint32Array} sizes of the blocks, one after the other; as many as a power of two
 *
 * @typedef {object} Replacements
 * @property {() => unknown} run one replacement for each victim
 * @property {() => void} end gives all blocks back
 */

/** @param {Pool} pool @param {Plan} plan @returns {Replacements} */
export function poolIndex(pool, { live, victims }) {
  const table = Uint32Array.from({ length: live }, () => pool.allocIndex());
  const run = separate(
    (/** @type {Pool} */ pool, /** @type {Uint32Array} */ table, /** @type {Uint32Array} */ victims) =>
      () => {
        for (let k = 0; k < victims.length; k++) {
          const victim = victims[k];
          pool.freeIndex(table[victim]);
          table[victim] = pool.allocIndex();
        }
      },
  )(pool, table, victims);
  return { run, end: () => table.forEach((index) => pool.freeIndex(index)) };
}

/** Any allocator of ours. @param {Allocator} allocator @param {Plan} plan @returns {Replacements} */
export function block(allocator, { live, victims, sizes }) {
  const table = Array.from({ length: live }, (_, i) => allocator.allocUnsafe(sizes[i & (sizes.length - 1)]));
  const run = separate(
    (
      /** @type {Allocator} */ allocator,
      /** @type {Uint8Array[]} */ table,
      /** @type {Uint32Array} */ victims,
      /** @type {Uint32Array} */ sizes,
      /** @type {number} */ next,
    ) =>
      () => {
        const mask = sizes.length - 1;
        for (let k = 0; k < victims.length; k++) {
          const victim = victims[k];
          allocator.free(table[victim]);
          const block = allocator.allocUnsafe(sizes[next++ & mask]);
          block[0] = k;
          table[victim] = block;
        }
      },
  )(allocator, table, victims, sizes, live);
  return { run, end: () => table.forEach((block) => allocator.free(block)) };
}

/** @param {'allocUnsafe' | 'allocUnsafeSlow'} method @param {Plan} plan @returns {Replacements} */
export function buffer(method, { live, victims, sizes }) {
  const take = Buffer[method];
  const table = Array.from({ length: live }, (_, i) => take(sizes[i & (sizes.length - 1)]));
  const run = separate(
    (
      /** @type {(size: number) => Uint8Array} */ take,
      /** @type {Uint8Array[]} */ table,
      /** @type {Uint32Array} */ victims,
      /** @type {Uint32Array} */ sizes,
      /** @type {number} */ next,
    ) =>
      () => {
        const mask = sizes.length - 1;
        for (let k = 0; k < victims.length; k++) {
          const block = take(sizes[next++ & mask]);
          block[0] = k;
          table[victims[k]] = block;
        }
      },
  )(take, table, victims, sizes, live);
  return { run, end: () => void (table.length = 0) };
}

/** Offsets. @param {number} bytes of the pool @param {Plan} plan @returns {Replacements} */
export function memPool(bytes, { live, victims, sizes }) {
  const pool = new MemPool({ size: bytes });
  const table = Uint32Array.from({ length: live }, (_, i) => pool.malloc(sizes[i & (sizes.length - 1)]));
  const run = separate(
    (
      /** @type {MemPool} */ pool,
      /** @type {Uint32Array} */ table,
      /** @type {Uint32Array} */ victims,
      /** @type {Uint32Array} */ sizes,
      /** @type {number} */ next,
    ) =>
      () => {
        const mask = sizes.length - 1;
        for (let k = 0; k < victims.length; k++) {
          const victim = victims[k];
          pool.free(table[victim]);
          table[victim] = pool.malloc(sizes[next++ & mask]);
        }
      },
  )(pool, table, victims, sizes, live);
  return { run, end: () => pool.freeAll() };
}

/** Bare pointers. @param {Plan} plan @returns {Replacements} */
export function koffiAlloc({ live, victims, sizes }) {
  const byte = koffi.types.uint8_t;
  const table = Array.from({ length: live }, (_, i) => koffi.alloc(byte, sizes[i & (sizes.length - 1)]));
  const run = separate(
    (
      /** @type {typeof koffi} */ koffi,
      /** @type {import('koffi').TypeObject} */ byte,
      /** @type {unknown[]} */ table,
      /** @type {Uint32Array} */ victims,
      /** @type {Uint32Array} */ sizes,
      /** @type {number} */ next,
    ) =>
      () => {
        const mask = sizes.length - 1;
        for (let k = 0; k < victims.length; k++) {
          const victim = victims[k];
          koffi.free(table[victim]);
          table[victim] = koffi.alloc(byte, sizes[next++ & mask]);
        }
      },
  )(koffi, byte, table, victims, sizes, live);
  return { run, end: () => table.forEach((pointer) => koffi.free(pointer)) };
}
