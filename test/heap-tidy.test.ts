import { describe, expect, test } from 'vitest';
import { type Block, Heap, Pool } from 'freehold';

/** Numbers from 0 to below 1, the same each time. (Park and Miller, "Random number generators: good ones are hard to find", 1988.) */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Blocks of mixed sizes in one class of a heap's, of which each is filled with a byte of its own. */
class Crowd {
  readonly heap = new Heap();
  readonly blocks: Block[] = [];
  readonly #random = randomFrom(7);
  #made = 0;

  add(count: number): void {
    for (let each = 0; each < count; each++)
      this.blocks.push(this.heap.allocUnsafe(1800 + Math.floor(this.#random() * 100)).fill(this.#made++));
  }

  /** Frees random ones until so many are left. */
  thin(left: number): void {
    while (this.blocks.length > left) {
      const at = Math.floor(this.#random() * this.blocks.length);
      this.heap.free(this.blocks[at]);
      this.blocks[at] = this.blocks[this.blocks.length - 1];
      this.blocks.pop();
    }
  }

  /** Replaces random ones, `few` at a time. */
  replace(times: number, few: number): void {
    for (let each = 0; each < times; each += few) {
      this.thin(this.blocks.length - few);
      this.add(few);
    }
  }

  get reserved(): number {
    return this.heap.stats().bytesReserved;
  }

  /** Whether each block has its bytes still. */
  isWhole(): boolean {
    return this.blocks.every((block) => block.every((byte) => byte === block[0]));
  }
}

describe('blocks of mixed sizes that come and go', () => {
  test('gather in few slabs, and the heap gives the others back by itself', () => {
    const crowd = new Crowd();
    crowd.add(2000);
    const most = crowd.reserved;
    crowd.thin(200);
    expect(crowd.reserved).toBe(most);
    crowd.replace(20_000, 100);
    expect(crowd.reserved).toBeLessThan(most / 4);
    expect(crowd.isWhole()).toBe(true);
    expect(crowd.heap.stats()).toMatchObject({ blocks: 200 });
    expect(crowd.heap.stats().bytesPeak).toBeGreaterThan(2000 * 1800);
    crowd.heap.dispose();
  });

  test('keep their slabs while all of them are needed again and again', () => {
    const crowd = new Crowd();
    crowd.add(2000);
    const most = crowd.reserved;
    for (let round = 0; round < 20; round++) {
      crowd.thin(0);
      for (let part = 0; part < 20; part++) {
        crowd.add(100);
        expect(crowd.reserved).toBe(most);
      }
    }
    expect(crowd.isWhole()).toBe(true);
    crowd.heap.dispose();
  });

  test('leave their slab when it has gone: what is kept of them has length 0, and a second free says so', () => {
    const crowd = new Crowd();
    crowd.add(2000);
    const freed = [...crowd.blocks];
    crowd.thin(200);
    const live = new Set(crowd.blocks);
    crowd.replace(20_000, 100);
    const gone = freed.filter((block) => !live.has(block) && block.length === 0);
    expect(gone.length).toBeGreaterThan(500);
    for (const block of gone)
      expect(() => crowd.heap.free(block)).toThrow(
        expect.objectContaining({ code: 'ERR_FREEHOLD_USE_AFTER_FREE' }),
      );
    crowd.heap.dispose();
  });

  test('do not cost a pool its slabs: those are there until it is trimmed', () => {
    using pool = new Pool({ blockBytes: 2000, preheat: 2000 });
    const { bytesReserved } = pool.stats();
    for (let each = 0; each < 20_000; each++) pool.free(pool.allocUnsafe(1 + (each % 2000)));
    expect(pool.stats().bytesReserved).toBe(bytesReserved);
    expect(pool.trim()).toBeGreaterThan(0);
  });
});
