// @ts-check
// Loops that take a block and give it back at once. With a view: a byte of it is written and read in between. Without:
// the index, offset or pointer is kept in one number (^= and not +=: a sum of offsets leaves the integers, and adding
// doubles would take longer than what is measured).
import { MemPool } from '@thi.ng/malloc';
import koffi from 'koffi';
import { separate } from './separate.mjs';

/**
 * @typedef {import('freehold').Pool} Pool
 * @typedef {import('freehold').Heap} Heap
 * @typedef {import('freehold').Allocator} Allocator
 * @typedef {Int32Array} Work [pairs, bytes per block]: read by each call, so that V8 cannot fold the size into the loop
 * @typedef {(work: Work) => unknown} Loop
 * @typedef {typeof koffi} Koffi
 */

/** @param {Pool} pool @returns {Loop} */
export const poolIndex = (pool) =>
  separate((/** @type {Pool} */ pool) => (/** @type {Work} */ work) => {
    const [pairs] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const index = pool.allocIndex();
      sum ^= index;
      pool.freeIndex(index);
    }
    return sum;
  })(pool);

/** @param {Pool} pool @returns {Loop} */
export const poolHandle = (pool) =>
  separate((/** @type {Pool} */ pool) => (/** @type {Work} */ work) => {
    const [pairs] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const handle = pool.allocHandle();
      sum ^= handle;
      pool.freeHandle(handle);
    }
    return sum;
  })(pool);

/** @param {Pool} pool @returns {Loop} */
export const poolBlock = (pool) =>
  separate((/** @type {Pool} */ pool) => (/** @type {Work} */ work) => {
    const [pairs] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = pool.alloc();
      block[0] = k;
      sum += block[0];
      pool.free(block);
    }
    return sum;
  })(pool);

/** @param {Pool} pool @returns {Loop} */
export const poolBlockUnsafe = (pool) =>
  separate((/** @type {Pool} */ pool) => (/** @type {Work} */ work) => {
    const [pairs] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = pool.allocUnsafe();
      block[0] = k;
      sum += block[0];
      pool.free(block);
    }
    return sum;
  })(pool);

/** Any allocator: the block is given back one by one. @param {Allocator} allocator @returns {Loop} */
export const block = (allocator) =>
  separate((/** @type {Allocator} */ allocator) => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = allocator.alloc(size);
      block[0] = k;
      sum += block[0];
      allocator.free(block);
    }
    return sum;
  })(allocator);

/** @param {Allocator} allocator @returns {Loop} */
export const blockUnsafe = (allocator) =>
  separate((/** @type {Allocator} */ allocator) => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = allocator.allocUnsafe(size);
      block[0] = k;
      sum += block[0];
      allocator.free(block);
    }
    return sum;
  })(allocator);

/** Buffers are let go: the collector gives them back. @returns {Loop} */
export const bufferAlloc = () =>
  separate(() => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = Buffer.alloc(size);
      block[0] = k;
      sum += block[0];
    }
    return sum;
  })();

/** @returns {Loop} */
export const bufferAllocUnsafe = () =>
  separate(() => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = Buffer.allocUnsafe(size);
      block[0] = k;
      sum += block[0];
    }
    return sum;
  })();

/** @returns {Loop} */
export const bufferAllocUnsafeSlow = () =>
  separate(() => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = Buffer.allocUnsafeSlow(size);
      block[0] = k;
      sum += block[0];
    }
    return sum;
  })();

/** Offsets. @returns {Loop} */
export const memPool = () =>
  separate((/** @type {MemPool} */ pool) => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const offset = pool.malloc(size);
      sum ^= offset;
      pool.free(offset);
    }
    return sum;
  })(new MemPool({ size: 1 << 20 }));

/** Typed arrays. @returns {Loop} */
export const memPoolView = () =>
  separate((/** @type {MemPool} */ pool) => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = /** @type {Uint8Array} */ (pool.mallocAs('u8', size));
      block[0] = k;
      sum += block[0];
      pool.free(block);
    }
    return sum;
  })(new MemPool({ size: 1 << 20 }));

/** Bare pointers (BigInt); writing through one would cost another 450 ns, so nothing is written. @returns {Loop} */
export const koffiAlloc = () =>
  separate(
    (/** @type {Koffi} */ koffi, /** @type {import('koffi').TypeObject} */ byte) =>
      (/** @type {Work} */ work) => {
        const [pairs, size] = work;
        let misses = 0;
        for (let k = 0; k < pairs; k++) {
          const pointer = koffi.alloc(byte, size);
          if (!pointer) misses++;
          koffi.free(pointer);
        }
        return misses;
      },
  )(koffi, koffi.types.uint8_t);
