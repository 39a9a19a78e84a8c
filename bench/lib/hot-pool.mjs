// @ts-check
// The hot operations of pools for bench/hot-path-check.mjs, with sizes that vary as they do in programs.
import { Pool } from 'freehold';
import { victimsOf } from './random.mjs';

const LIVE = 512;

/** @param {number} calls @returns {(() => void)[]} */
export function poolLoops(calls) {
  const small = new Pool({ blockBytes: 64 });
  const large = new Pool({ blockBytes: 4096, alignment: 64 });
  const growing = new Pool({ blockBytes: 1024 });
  const victims = victimsOf(LIVE, calls);
  const indices = Array.from({ length: LIVE }, () => small.allocIndex());
  const blocks = Array.from({ length: LIVE }, () => large.alloc());

  /** @param {(k: number) => unknown} operation */
  const repeated = (operation) => () => {
    for (let k = 0; k < calls; k++) operation(k);
  };
  return [
    repeated(() => small.freeIndex(small.allocIndex())),
    repeated(() => small.freeIndex(small.tryAllocIndex())),
    repeated(() => small.freeHandle(small.allocHandle())),
    repeated(() => small.free(small.alloc())),
    repeated(() => large.free(large.allocUnsafe())),
    repeated((k) => large.free(large.alloc(1 + (k & 63)))),
    repeated((k) => (small.view(indices[victims[k]])[0] = k)),
    repeated((k) => {
      small.freeIndex(indices[victims[k]]);
      indices[victims[k]] = small.allocIndex();
    }),
    repeated((k) => {
      large.free(blocks[victims[k]]);
      blocks[victims[k]] = large.allocUnsafe();
    }),
    // More than a slab holds: the slow path has its turn in between.
    () => {
      const taken = Array.from({ length: 1000 }, () => growing.alloc());
      taken.forEach((block) => growing.free(block));
      growing.trim();
    },
  ];
}
