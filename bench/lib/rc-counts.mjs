// @ts-check
// Loops over reference-counted blocks: one operation and its opposite, again and again. Handles are kept in one number (^=
// and not +=: a sum leaves the small integers, and adding doubles would take longer than what is measured).
import { separate } from './separate.mjs';

/**
 * @typedef {import('freehold').RcHeap} RcHeap
 * @typedef {import('./pairs.mjs').Work} Work [pairs, bytes per block]
 * @typedef {import('./pairs.mjs').Loop} Loop
 * @typedef {(handle: unknown, block: number) => number} Call of the addon: a status
 */

/** One more handle of a block and one less. @param {RcHeap} heap @returns {Loop} */
export const retains = (heap) =>
  separate((/** @type {RcHeap} */ heap, /** @type {number} */ block) => (/** @type {Work} */ work) => {
    const [pairs] = work;
    for (let k = 0; k < pairs; k++) {
      heap.retain(block);
      heap.release(block);
    }
  })(heap, heap.allocHandle(64));

/** The same of blocks that the processor may have to wait for. @param {RcHeap} heap @param {Uint32Array} victims @returns {Loop} */
export const scatteredRetains = (heap, victims) =>
  separate((/** @type {RcHeap} */ heap, /** @type {Uint32Array} */ blocks) => () => {
    for (let k = 0; k < blocks.length; k++) {
      heap.retain(blocks[k]);
      heap.release(blocks[k]);
    }
  })(heap, handlesOf(heap, victims));

/** Handles of as many blocks as there can be victims, in their order. @param {RcHeap} heap @param {Uint32Array} victims */
function handlesOf(heap, victims) {
  const live = victims.reduce((most, victim) => Math.max(most, victim + 1), 0);
  const blocks = Uint32Array.from({ length: live }, () => heap.allocHandle(64));
  return victims.map((victim) => blocks[victim]);
}

/**
 * What the heap's own fast path is for: the same by calls of the addon.
 * @param {Call} retain @param {Call} release @param {unknown} handle of the heap @param {number} block @returns {Loop}
 */
export const calledRetains = (retain, release, handle, block) =>
  separate(
    (
      /** @type {Call} */ retain,
      /** @type {Call} */ release,
      /** @type {unknown} */ handle,
      /** @type {number} */ block,
    ) =>
      (/** @type {Work} */ work) => {
        const [pairs] = work;
        let failures = 0;
        for (let k = 0; k < pairs; k++) failures |= retain(handle, block) | release(handle, block);
        return failures;
      },
  )(retain, release, handle, block);

/** A block, and its end. @param {RcHeap} heap @param {number} refs @returns {Loop} */
export const handles = (heap, refs) =>
  separate((/** @type {RcHeap} */ heap, /** @type {number} */ refs) => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = heap.allocHandle(size, refs);
      sum ^= block;
      heap.release(block);
    }
    return sum;
  })(heap, refs);

/** A parent that becomes the owner of its child, and the end of both. @param {RcHeap} heap @returns {Loop} */
export const families = (heap) =>
  separate((/** @type {RcHeap} */ heap) => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const parent = heap.allocHandle(size, 1);
      const child = heap.allocHandle(size);
      heap.moveRef(parent, 0, child);
      sum ^= child;
      heap.release(parent);
    }
    return sum;
  })(heap);

/** A reference that leads to one block, then to another. @param {RcHeap} heap @returns {Loop} */
export const turns = (heap) =>
  separate(
    (
      /** @type {RcHeap} */ heap,
      /** @type {number} */ from,
      /** @type {number} */ one,
      /** @type {number} */ other,
    ) =>
      (/** @type {Work} */ work) => {
        const [pairs] = work;
        for (let k = 0; k < pairs; k++) heap.setRef(from, 0, k & 1 ? one : other);
      },
  )(heap, heap.allocHandle(64, 1), heap.allocHandle(64), heap.allocHandle(64));

/** What references lead to. @param {RcHeap} heap @returns {Loop} */
export function looks(heap) {
  const from = heap.allocHandle(64, 1);
  heap.moveRef(from, 0, heap.allocHandle(64));
  return separate((/** @type {RcHeap} */ heap, /** @type {number} */ from) => (/** @type {Work} */ work) => {
    const [pairs] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) sum ^= heap.peekRef(from, 0);
    return sum;
  })(heap, from);
}

/** Blocks as objects. @param {RcHeap} heap @returns {Loop} */
export const objects = (heap) =>
  separate((/** @type {RcHeap} */ heap) => (/** @type {Work} */ work) => {
    const [pairs, size] = work;
    let sum = 0;
    for (let k = 0; k < pairs; k++) {
      const block = heap.allocUnsafe(size);
      block[0] = k;
      sum += block[0];
      block.release();
    }
    return sum;
  })(heap);
