// @ts-check
// The loops of every peer for blocks of one size, a power of two. All do the same: take `blocks` blocks, write one byte of
// each, read it back and let go at once; what is given back in bulk (arena, MemPool) is given back when its chunk is used
// up. The byte is in another cache line each time: the first bytes of large blocks all fall into one set of the cache, and
// waiting for that is not a cost of the allocator's.
import { MemPool } from '@thi.ng/malloc';
import koffi from 'koffi';
import { Arena } from 'freehold';
import { separate } from './separate.mjs';

/**
 * @typedef {Int32Array} Work [chunks, blocks per chunk, bytes per block]: read by each call, so that V8 cannot fold the
 *   size into the loop together with the checks of it
 * @typedef {(work: Work) => unknown} Loop
 * @typedef {typeof koffi} Koffi
 * @typedef {{ chunkBytes: number, blocks: number, mode?: 'detach' | 'orphan' | 'reuse' }} Setting
 */

/** @param {Setting} setting @returns {Loop} */
export const arenaUnsafe = ({ chunkBytes, mode = 'detach' }) =>
  separate((/** @type {Arena} */ arena) => (/** @type {Work} */ work) => {
    const [chunks, blocks, size] = work;
    let sum = 0;
    for (let c = 0; c < chunks; c++) {
      for (let k = 0; k < blocks; k++) {
        const block = arena.allocUnsafe(size);
        const at = (k << 6) & (size - 1);
        block[at] = k;
        sum += block[at];
      }
      arena.reset();
    }
    return sum;
  })(new Arena({ initialBytes: chunkBytes, maxChunkBytes: chunkBytes, reset: mode }));

/** @param {Setting} setting @returns {Loop} */
export const arenaZeroed = ({ chunkBytes }) =>
  separate((/** @type {Arena} */ arena) => (/** @type {Work} */ work) => {
    const [chunks, blocks, size] = work;
    let sum = 0;
    for (let c = 0; c < chunks; c++) {
      for (let k = 0; k < blocks; k++) {
        const block = arena.alloc(size);
        const at = (k << 6) & (size - 1);
        block[at] = k;
        sum += block[at];
      }
      arena.reset();
    }
    return sum;
  })(new Arena({ initialBytes: chunkBytes, maxChunkBytes: chunkBytes }));

/** @returns {Loop} */
export const bufferAllocUnsafe = () =>
  separate(() => (/** @type {Work} */ work) => {
    const [chunks, blocks, size] = work;
    let sum = 0;
    for (let c = 0; c < chunks; c++) {
      for (let k = 0; k < blocks; k++) {
        const block = Buffer.allocUnsafe(size);
        const at = (k << 6) & (size - 1);
        block[at] = k;
        sum += block[at];
      }
    }
    return sum;
  })();

/** @returns {Loop} */
export const bufferAllocUnsafeSlow = () =>
  separate(() => (/** @type {Work} */ work) => {
    const [chunks, blocks, size] = work;
    let sum = 0;
    for (let c = 0; c < chunks; c++) {
      for (let k = 0; k < blocks; k++) {
        const block = Buffer.allocUnsafeSlow(size);
        const at = (k << 6) & (size - 1);
        block[at] = k;
        sum += block[at];
      }
    }
    return sum;
  })();

/** @returns {Loop} */
export const bufferAlloc = () =>
  separate(() => (/** @type {Work} */ work) => {
    const [chunks, blocks, size] = work;
    let sum = 0;
    for (let c = 0; c < chunks; c++) {
      for (let k = 0; k < blocks; k++) {
        const block = Buffer.alloc(size);
        const at = (k << 6) & (size - 1);
        block[at] = k;
        sum += block[at];
      }
    }
    return sum;
  })();

/** @returns {Loop} */
export const uint8Array = () =>
  separate(() => (/** @type {Work} */ work) => {
    const [chunks, blocks, size] = work;
    let sum = 0;
    for (let c = 0; c < chunks; c++) {
      for (let k = 0; k < blocks; k++) {
        const block = new Uint8Array(size);
        const at = (k << 6) & (size - 1);
        block[at] = k;
        sum += block[at];
      }
    }
    return sum;
  })();

/** MemPool has 8 bytes of its own before each block. @param {Setting} setting */
const poolFor = ({ chunkBytes, blocks }) => new MemPool({ size: chunkBytes + 16 * blocks + 64 });

/** @param {Setting} setting @returns {Loop} */
export const memPoolUnsafe = (setting) =>
  separate((/** @type {MemPool} */ pool) => (/** @type {Work} */ work) => {
    const [chunks, blocks, size] = work;
    let sum = 0;
    for (let c = 0; c < chunks; c++) {
      for (let k = 0; k < blocks; k++) {
        const block = /** @type {Uint8Array} */ (pool.mallocAs('u8', size));
        const at = (k << 6) & (size - 1);
        block[at] = k;
        sum += block[at];
      }
      pool.freeAll();
    }
    return sum;
  })(poolFor(setting));

/** @param {Setting} setting @returns {Loop} */
export const memPoolZeroed = (setting) =>
  separate((/** @type {MemPool} */ pool) => (/** @type {Work} */ work) => {
    const [chunks, blocks, size] = work;
    let sum = 0;
    for (let c = 0; c < chunks; c++) {
      for (let k = 0; k < blocks; k++) {
        const block = /** @type {Uint8Array} */ (pool.callocAs('u8', size));
        const at = (k << 6) & (size - 1);
        block[at] = k;
        sum += block[at];
      }
      pool.freeAll();
    }
    return sum;
  })(poolFor(setting));

/** A bare pointer (BigInt) to zero-filled memory; writing through it would cost another 450 ns, so nothing is written. */
export const koffiAlloc = () =>
  separate(
    (/** @type {Koffi} */ koffi, /** @type {import('koffi').TypeObject} */ byte) =>
      (/** @type {Work} */ work) => {
        const [chunks, blocks, size] = work;
        let misses = 0;
        for (let c = 0; c < chunks; c++) {
          for (let k = 0; k < blocks; k++) {
            const pointer = koffi.alloc(byte, size);
            if (!pointer) misses++;
            koffi.free(pointer);
          }
        }
        return misses;
      },
  )(koffi, koffi.types.uint8_t);
