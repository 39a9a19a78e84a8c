import { once } from 'node:events';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { type Block, Pool } from 'freehold';
import { refusal } from './lib/codes.ts';
import { canEscape, escape, isZero } from './lib/memory.ts';

const WAYS: Record<string, (buffer: ArrayBuffer) => Uint8Array> = {
  structuredClone: escape,
  postMessage(buffer) {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(buffer, [buffer]);
    const { message } = receiveMessageOnPort(port2) as { message: ArrayBuffer };
    port1.close();
    return new Uint8Array(message);
  },
  transfer: (buffer) => new Uint8Array((buffer as ArrayBuffer & { transfer(): ArrayBuffer }).transfer()),
};

/** A pool of two slabs of 16 blocks, and the blocks of each. */
function twoSlabs(): { pool: Pool; first: Block[]; second: Block[] } {
  const pool = new Pool({ blockBytes: 256, slabBytes: 4096 });
  const blocks = Array.from({ length: 32 }, () => pool.alloc());
  return { pool, first: blocks.slice(0, 16), second: blocks.slice(16) };
}

describe.runIf(canEscape)('a slab that was moved away by', () => {
  test.each(Object.keys(WAYS))('%s shares no byte with what the pool hands out later', (way) => {
    const { pool, first, second } = twoSlabs();
    for (const block of second) block.fill(2);
    pool.free(first[3]);
    const moved = WAYS[way](first[0].buffer).fill(1);
    expect(first.every(({ length }) => length === 0)).toBe(true);
    const newer = Array.from({ length: 50 }, () => pool.alloc());
    for (const block of newer) {
      expect(isZero(block)).toBe(true);
      block.fill(9);
    }
    expect(moved.every((byte) => byte === 1)).toBe(true);
    moved.fill(3);
    expect(newer.every((block) => block.every((byte) => byte === 9))).toBe(true);
    expect(second.every((block) => block.every((byte) => byte === 2))).toBe(true);
    expect(pool.stats()).toMatchObject({ blocks: 66, orphanings: 1 });
    for (const block of [...second, ...newer]) pool.free(block);
    expect(pool.blocks).toBe(0);
    pool.dispose();
  });

  test('structuredClone ends its blocks: every use of them says so once the pool has let it go', () => {
    const { pool, first } = twoSlabs();
    const handles = first.map((block) => pool.handleOf(block));
    pool.free(first[0]);
    escape(first[1].buffer);
    pool.alloc(); // Meets the slab, and lets it go.
    for (const block of first) {
      for (const use of [() => pool.free(block), () => pool.realloc(block, 8), () => block.address])
        refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
      expect(pool.owns(block)).toBe(false);
    }
    for (const handle of handles) refusal(() => pool.indexOf(handle), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(pool.stats()).toMatchObject({ blocks: 17, orphanings: 1 });
  });

  test('structuredClone leaves indices that say so when their memory is asked for', () => {
    const pool = new Pool({ blockBytes: 256, slabBytes: 4096 });
    const { buffer } = pool.alloc();
    escape(buffer);
    const index = pool.allocIndex();
    refusal(() => pool.view(index), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => pool.address(index), 'ERR_FREEHOLD_USE_AFTER_FREE');
    pool.freeIndex(index);
    expect(pool.alloc().length).toBe(256);
    pool.dispose();
  });

  test('postMessage to a worker is the worker’s, whatever the pool does', async () => {
    const { pool, first } = twoSlabs();
    const source = `const { parentPort } = require('node:worker_threads');
      parentPort.once('message', ({ buffer }) => {
        const bytes = new Uint8Array(buffer).fill(1);
        parentPort.once('message', () => parentPort.postMessage(bytes.every((byte) => byte === 1)));
        parentPort.postMessage('filled');
      });`;
    const worker = new Worker(source, { eval: true });
    const { buffer } = first[0];
    worker.postMessage({ buffer }, [buffer]);
    await once(worker, 'message');
    for (let count = 0; count < 100; count++) pool.alloc().fill(9);
    pool.trim();
    pool.dispose();
    using other = new Pool({ blockBytes: 256 });
    for (let count = 0; count < 100; count++) other.alloc().fill(9);
    worker.postMessage('look');
    expect(await once(worker, 'message')).toEqual([true]);
    await worker.terminate();
  });
});
