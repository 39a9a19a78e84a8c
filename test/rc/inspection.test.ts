import { type Rc, RcHeap } from 'freehold';
import { describe, expect, test } from 'vitest';

/** A heap with two rings of which a handle holds one, a block that refers to itself, and a tree. */
function graph(): { heap: RcHeap; held: Rc[]; free: number[]; self: number } {
  const heap = new RcHeap({ automatic: false, name: 'drawn' });
  const ring = (length: number): Rc[] => {
    const blocks = Array.from({ length }, () => heap.alloc(100, { refs: 2 }));
    blocks.forEach((block, index) => block.setRef(0, blocks[(index + 1) % length]));
    return blocks;
  };
  const held = ring(3);
  const lost = ring(2);
  const self = heap.alloc(10, { refs: 1 });
  self.setRef(0, self);
  const tree = heap.alloc(1, { refs: 1 });
  tree.setRef(0, held[0]);
  const free = lost.map(({ handle }) => handle);
  const { handle } = self;
  for (const block of [...lost, self]) block.release();
  return { heap, held, free, self: handle };
}

describe('findCycles', () => {
  test('lists what lives, held or not, and frees nothing', () => {
    const { heap, held, free, self } = graph();
    const { blocks } = heap.stats();
    const cycles = heap.findCycles();
    expect(cycles.map(({ handles }) => handles)).toEqual([held.map(({ handle }) => handle), free, [self]]);
    expect(cycles.map(({ bytes }) => bytes)).toEqual([300, 200, 10]);
    expect(heap.stats().blocks).toBe(blocks);
    heap.collect();
    expect(heap.findCycles().length).toBe(1);
    heap.dispose();
  });

  test('has nothing to say of a heap without cycles', () => {
    using heap = new RcHeap();
    expect(heap.findCycles()).toEqual([]);
    const a = heap.alloc(1, { refs: 1 });
    a.setRef(0, heap.alloc(1));
    expect(heap.findCycles()).toEqual([]);
  });
});

test('toDot draws every living block and reference', () => {
  const { heap, held, self } = graph();
  const dot = heap.toDot();
  expect(dot).toMatch(/^digraph "drawn" \{\n/);
  expect(dot.match(/->/g)?.length).toBe(heap.stats().edges);
  expect(dot.match(/\[label="/g)?.length).toBe(heap.stats().blocks);
  expect(dot).toContain(`${self} -> ${self} [label=0];`);
  expect(dot).toContain(
    `${held[0].handle} [label="${held[0].handle}: 100 bytes, 1 handle(s)", peripheries=2];`,
  );
  heap.dispose();
});

test('the figures say what a collection did', () => {
  const { heap } = graph();
  expect(heap.stats()).toMatchObject({ kind: 'rc', blocks: 7, edges: 7, candidates: 3, collected: 0 });
  expect(heap.collect()).toBe(true);
  const after = heap.stats();
  expect(after).toMatchObject({ blocks: 4, edges: 4, candidates: 0, collected: 3, collections: 1 });
  expect(after.touched).toBe(3);
  expect(after.pauseNs).toBeGreaterThan(0);
  expect(after.longestPauseNs).toBeLessThanOrEqual(after.pauseNs);
  expect(JSON.parse(JSON.stringify(heap))).toMatchObject({ blocks: 4, bytesLimit: null });
  heap.dispose();
});
