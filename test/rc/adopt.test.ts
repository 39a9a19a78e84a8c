import { expect, test } from 'vitest';
import { RcHeap } from 'freehold';
import { refusal } from '../lib/codes.ts';

test('a handle that nobody has is not adopted: the Rc would release what is not its own', () => {
  using heap = new RcHeap();
  const dead = heap.allocHandle(16);
  heap.release(dead);
  for (const none of [dead, 0, 5, -1, 0.5, 2 ** 28, NaN])
    refusal(() => heap.adopt(none), 'ERR_FREEHOLD_USE_AFTER_FREE');
  // A block that only another one holds.
  const owner = heap.allocHandle(16, 1);
  const owned = heap.allocHandle(16);
  heap.moveRef(owner, 0, owned);
  refusal(() => heap.adopt(owned), 'ERR_FREEHOLD_DOUBLE_FREE');
  heap.retain(owned);
  const rc = heap.adopt(owned);
  expect(rc.refCount).toBe(2);
  rc.release();
  heap.release(owner);
  expect([heap.stats().blocks, heap.check()]).toEqual([0, true]);
});
