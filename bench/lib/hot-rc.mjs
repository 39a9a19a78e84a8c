// @ts-check
// The hot operations of reference-counted heaps for bench/hot-path-check.mjs, with sizes that vary as they do in programs.
import { RcHeap } from 'freehold';

/** @param {number} calls @returns {(() => void)[]} */
export function rcLoops(calls) {
  const heap = new RcHeap();
  const sizes = [1, 16, 24, 64, 100, 256, 1024, 4096];
  const held = heap.allocHandle(64, 2);
  const one = heap.allocHandle(64);
  const other = heap.allocHandle(64);

  /** @param {(k: number) => unknown} operation */
  const repeated = (operation) => () => {
    for (let k = 0; k < calls; k++) operation(k);
  };
  return [
    repeated(() => {
      heap.retain(held);
      heap.release(held);
    }),
    repeated((k) => heap.release(heap.allocHandle(sizes[k & 7]))),
    repeated((k) => heap.release(heap.allocHandle(sizes[k & 7], k & 3))),
    repeated((k) => {
      const parent = heap.allocHandle(32, 2);
      heap.moveRef(parent, k & 1, heap.allocHandle(sizes[k & 7]));
      if (heap.peekRef(parent, 0) !== 0) heap.setRef(parent, 0, 0);
      heap.release(parent);
    }),
    repeated((k) => heap.setRef(held, 0, k & 1 ? one : other)),
    // Cycles: collections begin by themselves.
    repeated(() => {
      const [a, b] = [heap.allocHandle(32, 1), heap.allocHandle(32, 1)];
      heap.setRef(a, 0, b);
      heap.setRef(b, 0, a);
      heap.release(a);
      heap.release(b);
    }),
    () => {
      for (let k = 0; k < calls / 20; k++) heap.allocUnsafe(sizes[k & 7]).release();
    },
  ];
}
