// What the facade and the core must agree on when a block finds no room: where a block of this alignment would begin,
// and whether the current segment may still be used.
import { Arena } from 'freehold';
import { expect, test } from 'vitest';

test('a block of alignment 1 that only its 8-byte alignment keeps from fitting the chunk is given in another one', () => {
  using arena = new Arena({ initialBytes: 4096 });
  arena.bump(4093, 8);
  const block = arena.allocUnsafe(2, 1).fill(7);
  expect(block.length).toBe(2);
  expect(arena.stats().chunks).toBe(2);
});

test('after a mark, memory that was transferred away is not handed out again', () => {
  using arena = new Arena();
  const { buffer } = arena.alloc(100);
  arena.mark();
  const transferable = buffer as ArrayBuffer & { transfer?: () => ArrayBuffer }; // Node 20 has no transfer()
  const escaped = new Uint8Array(
    transferable.transfer?.() ?? structuredClone(buffer, { transfer: [buffer] }),
  );
  for (let i = 0; i < 100; i++) arena.allocUnsafe(1000).fill(9);
  expect(escaped.indexOf(9)).toBe(-1);
});

test('an arena is rewound to a mark that was made when it held a single large block', () => {
  using arena = new Arena();
  const large = arena.alloc(1 << 20).fill(1);
  const mark = arena.mark();
  for (let round = 0; round < 3; round++) {
    const later = arena.alloc(1 << 21);
    arena.alloc(10);
    arena.rewind(mark);
    expect([large.length, later.length, arena.used]).toEqual([1 << 20, 0, 1 << 20]);
  }
});

test('a reset keeps one chunk for blocks of any alignment from the second round on', () => {
  using arena = new Arena({ reset: 'reuse' });
  const reserved = [];
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 10; i++) arena.allocUnsafe(100 + i, 1 << (i + 12));
    arena.reset();
    reserved.push(arena.stats().bytesReserved);
  }
  expect(reserved[1]).toBeGreaterThan(0);
  expect(reserved.slice(2)).toEqual([reserved[1], reserved[1], reserved[1]]);
});
