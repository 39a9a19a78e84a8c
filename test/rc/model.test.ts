import fc from 'fast-check';
import { RcHeap } from 'freehold';
import { expect, test } from 'vitest';

import { type Known, Oracle } from './oracle.ts';

type Step = readonly [kind: number, a: number, b: number, slot: number];

const steps = fc.array(fc.tuple(fc.nat(19), fc.nat(1000), fc.nat(1000), fc.nat(3)), {
  minLength: 50,
  maxLength: 400,
});

/** One step of a program that holds blocks by handles. */
function perform(heap: RcHeap, oracle: Oracle, [kind, a, b, slot]: Step): string | undefined {
  // What the program may use: what it holds, and what that refers to.
  const usable = [...oracle.reachable()];
  const from = usable[a % usable.length] as Known | undefined;
  const to = usable[b % usable.length] as Known | undefined;
  if (from === undefined || to === undefined || kind < 4) {
    oracle.make(1 + (a % 300), b % 5);
    return undefined;
  }
  const at = slot % Math.max(1, from.refs.length);
  if (kind < 8 && from.refs.length > 0) {
    heap.setRef(from.handle, at, to.handle);
    from.refs[at] = to;
  } else if (kind < 9 && from.refs.length > 0) {
    heap.setRef(from.handle, at, 0);
    from.refs[at] = null;
  } else if (kind < 11 && from.refs.length > 0 && to.handles > 0) {
    heap.moveRef(from.handle, at, to.handle);
    from.refs[at] = to;
    to.handles--;
  } else if (kind < 12) {
    heap.retain(from.handle);
    from.handles++;
  } else if (kind < 16 && from.handles > 0) {
    heap.release(from.handle);
    from.handles--;
  } else if (kind === 16) {
    expect(heap.upgrade(to.weak)).toBe(to.handle);
    to.handles++;
  } else if (kind === 17) {
    heap.collect({ maxPauseMs: 0 });
    return oracle.check(false);
  } else if (kind === 18) {
    heap.collect();
    return oracle.check(true);
  } else {
    heap.reserveRefs(from.handle, from.refs.length + slot);
    while (from.refs.length < heap.refSlots(from.handle)) from.refs.push(null);
  }
  return undefined;
}

test('no program of handles, references and collections in parts frees what can be reached, or keeps what cannot', () => {
  let collected = 0;
  fc.assert(
    fc.property(steps, (program) => {
      using heap = new RcHeap({ automatic: false });
      const oracle = new Oracle(heap);
      for (const step of program) expect(perform(heap, oracle, step)).toBe(undefined);
      heap.collect();
      expect(oracle.check(true)).toBe(undefined);
      for (const block of oracle.reachable())
        for (; block.handles > 0; block.handles--) heap.release(block.handle);
      heap.collect();
      expect(heap.stats()).toMatchObject({ blocks: 0, edges: 0 });
      collected += heap.stats().collected;
    }),
    { numRuns: 300 },
  );
  expect(collected).toBeGreaterThan(1000);
});
