import { markAsUntransferable } from 'node:worker_threads';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  Arena,
  type PageAllocator,
  type PageAllocatorOptions,
  memoryStats,
  pageAllocator,
  trimChunkCache,
} from 'freehold';
import { runChild } from './lib/child.ts';
import { refusal } from './lib/codes.ts';
import { collectUntil } from './lib/collect.ts';
import { backing, canEscape, escape, isZero } from './lib/memory.ts';
import { isSanitized } from './lib/sanitized.ts';

const guards = [[false], ['rear'], ['front']] as const;
/** The first of two blocks of an allocator that nothing else refers to. */
function droppedBlock(): Buffer {
  const pages = pageAllocator({ guard: true });
  pages.alloc(100_000);
  return pages.alloc(5000).fill(1);
}

const mapped = backing === 'pages';

/** What the thread holds for blocks that stand alone. */
function held(): { count: number; mappedBytes: number } {
  return { count: memoryStats().blocks.count, mappedBytes: memoryStats().chunks.mappedBytes };
}

describe.each(guards)('with guard %o', (guard) => {
  test('a block is zeroed, aligned and writable from end to end', () => {
    using pages = pageAllocator({ guard });
    for (const size of [1, 16, 100, 4096, 4097, 1 << 20]) {
      for (const alignment of [1, 8, 16, 64, 4096, 65536, 1 << 21]) {
        const block = pages.alloc(size, alignment);
        expect([block.length, block.address % BigInt(alignment), isZero(block)]).toEqual([size, 0n, true]);
        block.fill(0xff);
        pages.free(block);
      }
    }
  });

  test('a block of no bytes is one: it has an address, is owned, and is freed once', () => {
    using pages = pageAllocator({ guard });
    for (const alignment of [1, 4096]) {
      const block = pages.alloc(0, alignment);
      expect([block.length, block.address % BigInt(alignment), pages.owns(block)]).toEqual([0, 0n, true]);
      pages.free(block);
      expect(pages.owns(block)).toBe(false);
      refusal(() => pages.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
    }
  });

  test('memory that was written and freed comes back as zeroes', () => {
    using pages = pageAllocator({ guard });
    for (let round = 0; round < 20; round++) {
      const block = pages.allocUnsafe(100_000);
      expect(isZero(block)).toBe(true);
      block.fill(0xff);
      pages.free(block);
    }
  });

  test('free ends every view of the block, and of no other', () => {
    using pages = pageAllocator({ guard });
    const other = pages.alloc(100).fill(1);
    const block = pages.alloc(100);
    const views = [block, block.subarray(10), new Float64Array(block.buffer, block.byteOffset, 1)];
    pages.free(block);
    expect(views.map((view) => view.length)).toEqual([0, 0, 0]);
    expect(other.every((byte) => byte === 1)).toBe(true);
  });

  test('realloc keeps the bytes that fit and zeroes what it adds', () => {
    using pages = pageAllocator({ guard });
    let block = pages.alloc(10).fill(7);
    for (const size of [4000, 5, 0, 9, 20_000, 300, 300]) {
      const kept = Math.min(block.length, size);
      const bytes = Buffer.from(block);
      block = pages.realloc(block, size);
      expect(block.length).toBe(size);
      expect(block.subarray(0, kept).equals(bytes.subarray(0, kept))).toBe(true);
      expect(isZero(block.subarray(kept))).toBe(true);
      block.fill(7);
    }
    expect(pages.stats().blocks).toBe(1);
  });

  test('realloc keeps the alignment', () => {
    using pages = pageAllocator({ guard });
    const block = pages.realloc(pages.alloc(10, 1 << 21), 100_000);
    expect(block.address % BigInt(1 << 21)).toBe(0n);
  });

  test('usableSize can be used, and realloc to it stays in place', () => {
    using pages = pageAllocator({ guard });
    for (const size of [0, 1, 100, 5000]) {
      const block = pages.alloc(size);
      const usable = pages.usableSize(block);
      const { address } = block;
      expect(usable).toBeGreaterThanOrEqual(size);
      const grown = pages.realloc(block, usable);
      expect([grown.address, grown.length]).toEqual([address, usable]);
      grown.fill(1);
    }
  });

  test('the figures count blocks and return to zero', () => {
    const pages = pageAllocator({ guard, name: 'mine' });
    const blocks = [1, 5000, 0].map((size) => pages.alloc(size));
    const { bytesUsed, bytesReserved, ...rest } = pages.stats();
    expect(bytesUsed).toBeGreaterThanOrEqual(5001);
    expect(bytesReserved).toBeGreaterThanOrEqual(bytesUsed);
    expect(rest).toMatchObject({ kind: 'pages', name: 'mine', blocks: 3, bytesPeak: bytesUsed, pins: 0 });
    expect(rest.guard).toBe(mapped && guard !== false ? guard : 'none');
    for (const block of blocks) pages.free(block);
    expect(pages.stats()).toMatchObject({ bytesUsed: 0, bytesReserved: 0, blocks: 0, bytesPeak: bytesUsed });
    pages.dispose();
  });

  test('dispose ends every block and gives all memory back', () => {
    const before = held();
    const pages = pageAllocator({ guard });
    const blocks = Array.from({ length: 100 }, (_, index) => pages.alloc(index * 100));
    expect(held().count).toBe(before.count + 100);
    for (const block of blocks.splice(50)) pages.free(block);
    pages.dispose();
    pages.dispose();
    expect(blocks.every((block) => block.length === 0)).toBe(true);
    expect(held()).toEqual(before);
    expect(pages.disposed).toBe(true);
    refusal(() => pages.alloc(1), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => pages.free(blocks[0]), 'ERR_FREEHOLD_DISPOSED');
    expect(inspect(pages)).toContain('disposed');
  });
});

describe('what is freed', () => {
  test('may be any view that begins where the block begins', () => {
    using pages = pageAllocator();
    const views = [
      (block: Buffer) => new DataView(block.buffer, block.byteOffset, 1),
      (block: Buffer) => new Float64Array(block.buffer, block.byteOffset),
      (block: Buffer) => block.subarray(0, 3),
      (block: Buffer) => new Uint8Array(block.buffer, block.byteOffset, 0),
    ];
    for (const viewOf of views) {
      const block = pages.alloc(100);
      pages.free(viewOf(block));
      expect(block.length).toBe(0);
    }
    expect(pages.stats().blocks).toBe(0);
  });

  test('is refused when it begins elsewhere in the block, and the block stays', () => {
    using pages = pageAllocator({ guard: true });
    const block = pages.alloc(100);
    for (const view of [
      block.subarray(1),
      block.subarray(100),
      new DataView(block.buffer, block.byteOffset + 8),
    ]) {
      refusal(() => pages.free(view), 'ERR_FREEHOLD_INVALID_FREE');
      refusal(() => pages.usableSize(view), 'ERR_FREEHOLD_INVALID_FREE');
    }
    expect([block.length, pages.owns(block)]).toEqual([100, true]);
  });

  test('is refused when another allocator made it', () => {
    using pages = pageAllocator();
    using other = pageAllocator();
    using arena = new Arena();
    for (const view of [
      other.alloc(8),
      arena.alloc(8),
      Buffer.alloc(8),
      new DataView(new ArrayBuffer(8)),
      null,
      5,
    ]) {
      refusal(() => pages.free(view as Buffer), 'ERR_FREEHOLD_INVALID_FREE');
      refusal(() => pages.realloc(view as never, 9), 'ERR_FREEHOLD_INVALID_FREE');
      expect(pages.owns(view as Buffer)).toBe(false);
    }
  });

  test('is refused a second time, by any view, also when its place has been taken again', () => {
    using pages = pageAllocator();
    const block = pages.alloc(100);
    const view = new DataView(block.buffer, block.byteOffset);
    pages.free(block);
    const next = pages.alloc(100).fill(1);
    for (const each of [block, view]) refusal(() => pages.free(each), 'ERR_FREEHOLD_DOUBLE_FREE');
    refusal(() => pages.realloc(block, 5), 'ERR_FREEHOLD_DOUBLE_FREE');
    expect(next.every((byte) => byte === 1)).toBe(true);
    refusal(() => block.address, 'ERR_FREEHOLD_USE_AFTER_FREE');
  });

  test('is freed by the end of its scope', () => {
    using pages = pageAllocator();
    {
      using block = pages.alloc(100);
      expect(block.allocator).toBe(pages);
    }
    expect(pages.stats().blocks).toBe(0);
  });
});

describe('a pinned block', () => {
  test('is not freed, moved or disposed until the pin is released, and other blocks are', () => {
    const pages = pageAllocator();
    const [block, other] = [pages.alloc(100).fill(1), pages.alloc(100)];
    const pin = block.pin();
    for (const run of [() => pages.free(block), () => pages.realloc(block, 9000), () => pages.dispose()])
      refusal(run, 'ERR_FREEHOLD_PINNED');
    expect([block.length, block[99], pages.stats().blocks, pages.stats().pins]).toEqual([100, 1, 2, 1]);
    pages.free(other);
    const same = pages.realloc(block, 200);
    expect(same.address).toBe(block.address);
    pin.release();
    pages.free(same);
    pages.dispose();
  });
});

describe('memory that the program moved out of a block', () => {
  test.skipIf(!canEscape)('keeps its bytes, and is not the allocator’s any more', () => {
    const pages = pageAllocator({ guard: mapped });
    const blocks = Array.from({ length: 4 }, () => pages.alloc(5000));
    const moved = blocks.map((block) => escape(block.buffer).fill(1));
    refusal(() => pages.free(blocks[0]), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => pages.free(blocks[0]), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => pages.realloc(blocks[1], 8), 'ERR_FREEHOLD_USE_AFTER_FREE');
    blocks[2][Symbol.dispose]();
    expect(pages.owns(blocks[2])).toBe(false);
    expect(pages.stats()).toMatchObject({ blocks: 1, orphanings: 3 });
    pages.alloc(5000).fill(0xee);
    pages.dispose();
    expect(pages.stats().orphanings).toBe(4);
    trimChunkCache();
    for (const each of moved) expect(each.every((byte) => byte === 1)).toBe(true);
  });

  test.skipIf(!canEscape || !mapped)('is unmapped when the last store over it is collected', async () => {
    trimChunkCache();
    await collectUntil(() => memoryStats().chunks.orphaned === 0);
    const before = held();
    (() => {
      const pages = pageAllocator({ guard: true });
      escape(pages.alloc(100_000).buffer);
      pages.dispose();
    })();
    expect(memoryStats().chunks.orphaned).toBe(1);
    await collectUntil(() => memoryStats().chunks.orphaned === 0);
    expect([memoryStats().chunks.orphaned, held()]).toEqual([0, before]);
  });

  test('is left alone when the program forbade to end it', () => {
    const pages = pageAllocator();
    const block = pages.alloc(5000).fill(1);
    markAsUntransferable(block.buffer);
    pages.free(block);
    pages.alloc(5000).fill(0xee);
    pages.dispose();
    for (let index = 0; index < block.length; index++) expect(block[index]).toBe(1); // None, where it could be ended.
  });
});

describe('an allocator that is dropped', () => {
  test.runIf(mapped)('is freed by the collector, after the last view of its blocks', async () => {
    trimChunkCache();
    const before = held();
    const blocks = [droppedBlock()];
    await collectUntil(() => false);
    expect(blocks[0].every((byte) => byte === 1)).toBe(true);
    blocks.length = 0;
    await collectUntil(() => held().count === before.count && held().mappedBytes <= before.mappedBytes);
    expect(held().count).toBe(before.count);
    expect(held().mappedBytes).toBeLessThanOrEqual(before.mappedBytes); // What earlier tests left may be gone, too.
  });
});

describe('options', () => {
  test('that are wrong are refused', () => {
    const make = (options: unknown): PageAllocator => pageAllocator(options as PageAllocatorOptions);
    for (const guard of [null, 1, 'both', {}])
      refusal(() => make({ guard }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    for (const name of [null, 1]) refusal(() => make({ name }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    const { message } = refusal(() => make({ guards: true }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(message).toContain("did you mean 'guard'?");
  });
});

describe.runIf(mapped && process.platform === 'linux')('guard pages', () => {
  // A raw write, as native code does it: Buffer's own are checked.
  const write = (guard: string, size: number, alignment: number, at: string): string => `
    import { pageAllocator } from 'freehold';
    import koffi from 'koffi';
    const pages = pageAllocator({ guard: ${guard} });
    const block = pages.alloc(${size}, ${alignment});
    const memset = koffi.load(null).func('void *memset(uintptr_t, int, size_t)');
    memset(block.address, 1, ${size});
    console.log('filled');
    memset(block.address + BigInt(${at}), 1, 1);`;

  test.each([
    ['the byte behind a block of alignment 1', 'true', 101, 1, 101],
    ['the byte behind a whole page', 'true', 4096, 16, 4096],
    ['the first multiple of the alignment behind a block', 'true', 100, 16, 112],
    ['the byte before a block with a front guard', "'front'", 100, 16, -1],
    ['the byte behind the pages of a block with a front guard', "'front'", 100, 16, 4096],
  ])('end the process at a write to %s', async (_title, guard, size, alignment, at) => {
    const { stdout } = await runChild(write(guard, size, alignment, String(at)), {
      expect: { signal: 'SIGSEGV', stderr: 'any' },
    });
    expect(stdout).toBe('filled\n');
  });
});

// AddressSanitizer's shadow alone is larger than the limit.
const limitable = process.platform === 'linux' && !isSanitized;

describe.runIf(mapped && limitable)('under a limit of the address space', () => {
  test('blocks are refused with ERR_FREEHOLD_OUT_OF_MEMORY, nothing is lost, and all comes back', async () => {
    const source = `
      import { pageAllocator, memoryStats } from 'freehold';
      import assert from 'node:assert';
      for (const guard of [false, 'rear', 'front']) {
        for (const [size, alignment] of [[1 << 26, 16], [1 << 24, 1 << 21]]) {
          const pages = pageAllocator({ guard });
          const counts = [];
          for (let round = 0; round < 3; round++) {
            const blocks = [];
            for (let block; (block = pages.tryAlloc(size, alignment)) !== null;) {
              block[0] = block[size - 1] = 1;
              blocks.push(block);
            }
            assert.throws(() => pages.alloc(size, alignment), { code: 'ERR_FREEHOLD_OUT_OF_MEMORY' });
            assert.throws(() => pages.realloc(blocks[0], 2 * size), { code: 'ERR_FREEHOLD_OUT_OF_MEMORY' });
            assert.equal(blocks[0][0], 1);
            assert.equal(pages.stats().blocks, blocks.length);
            counts.push(blocks.length);
            for (const block of blocks) pages.free(block);
            assert.equal(memoryStats().chunks.mappedBytes, 0);
          }
          assert(counts[0] > 2 && counts[2] >= counts[0] - 1, String(counts));
          pages.dispose();
        }
      }
      console.log('done');`;
    const shell = `
      import { spawnSync } from 'node:child_process';
      const command = 'ulimit -v 3000000; exec "$0" --input-type=module -e "$1"';
      const { status, signal } = spawnSync('bash', ['-c', command, process.execPath, ${JSON.stringify(source)}], { stdio: 'inherit' });
      process.exitCode = signal ?? status;`;
    const { stdout } = await runChild(shell);
    expect(stdout).toBe('done\n');
  });
});
