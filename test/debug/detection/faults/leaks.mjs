import { Heap, RcHeap, configure } from 'freehold';

import { undetected } from './support.mjs';

function leaking(mode) {
  if (mode !== 'default') configure({ debug: { onLeak: 'lines' } });
}

export const faults = {
  exit: ({ mode }) => {
    leaking(mode);
    globalThis.kept = new Heap();
    globalThis.kept.alloc(64);
    return undetected('');
  },
  disposed: ({ mode }) => {
    leaking(mode);
    const heap = new Heap();
    heap.alloc(64);
    heap.dispose();
    return undetected('');
  },
  dropped: async ({ mode }) => {
    leaking(mode);
    (() => new Heap({ name: 'dropped' }).alloc(64).fill(1))();
    for (let round = 0; round < 20; round++) {
      await new Promise(setImmediate);
      gc();
    }
    return undetected('');
  },
  cycle: ({ mode }) => {
    leaking(mode);
    const heap = (globalThis.kept = new RcHeap());
    const [a, b] = [heap.alloc(8, { refs: 1 }), heap.alloc(8, { refs: 1 })];
    a.setRef(0, b);
    b.setRef(0, a);
    a.release();
    b.release();
    return undetected('');
  },
};
