// @ts-check
// Loops that take some blocks and then give all of them back.
import { MemPool } from '@thi.ng/malloc';
import koffi from 'koffi';
import { separate } from './separate.mjs';

/**
 * @typedef {import('freehold').Pool} Pool
 * @typedef {import('./pairs.mjs').Work} Work [bursts, bytes per block]
 * @typedef {import('./pairs.mjs').Loop} Loop
 */

/** Blocks of a burst. */
export const LENGTH = 16;

/** @param {Pool} pool @returns {Loop} */
export const poolIndex = (pool) =>
  separate((/** @type {Pool} */ pool, /** @type {Uint32Array} */ table) => (/** @type {Work} */ work) => {
    const [bursts] = work;
    for (let k = 0; k < bursts; k++) {
      for (let i = 0; i < table.length; i++) table[i] = pool.allocIndex();
      for (let i = 0; i < table.length; i++) pool.freeIndex(table[i]);
    }
  })(pool, new Uint32Array(LENGTH));

/** Offsets. @returns {Loop} */
export const memPool = () =>
  separate((/** @type {MemPool} */ pool, /** @type {Uint32Array} */ table) => (/** @type {Work} */ work) => {
    const [bursts, size] = work;
    for (let k = 0; k < bursts; k++) {
      for (let i = 0; i < table.length; i++) table[i] = pool.malloc(size);
      for (let i = 0; i < table.length; i++) pool.free(table[i]);
    }
  })(new MemPool({ size: 1 << 20 }), new Uint32Array(LENGTH));

/** Bare pointers. @returns {Loop} */
export const koffiAlloc = () =>
  separate(
    (
      /** @type {typeof koffi} */ koffi,
      /** @type {import('koffi').TypeObject} */ byte,
      /** @type {unknown[]} */ table,
    ) =>
      (/** @type {Work} */ work) => {
        const [bursts, size] = work;
        for (let k = 0; k < bursts; k++) {
          for (let i = 0; i < table.length; i++) table[i] = koffi.alloc(byte, size);
          for (let i = 0; i < table.length; i++) koffi.free(table[i]);
        }
      },
  )(koffi, koffi.types.uint8_t, new Array(LENGTH).fill(undefined));
