// Work of node's own threads on a block that ends before the work begins: the only thread is busy until then.
import { pbkdf2, randomFill } from 'node:crypto';
import { openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { Arena, Heap } from 'freehold';

import { commitAsync, undetected } from './support.mjs';

const SIZE = 4096;

async function overtaken(work, take) {
  const { block, end, next } = take();
  const busy = promisify(pbkdf2)('', '', 100_000, 64, 'sha512');
  const running = work(block);
  end();
  const newer = next();
  await commitAsync(() => running);
  await busy;
  return undetected(
    newer.some((byte) => byte !== 0) ? 'the next block has changed' : 'the bytes that it was have changed',
  );
}

function ofArena() {
  const arena = new Arena();
  globalThis.kept = arena;
  return { block: arena.alloc(SIZE), end: () => arena.reset(), next: () => arena.alloc(SIZE) };
}

function ofHeap() {
  const heap = new Heap();
  globalThis.kept = heap;
  const block = heap.alloc(SIZE);
  return { block, end: () => heap.free(block), next: () => heap.alloc(SIZE) };
}

const fill = (block) => promisify(randomFill)(block);

const file = openSync(process.execPath, 'r');
const readFile = (block) => promisify(read)(file, block, 0, SIZE, 0);

export const faults = {
  reset: () => overtaken(fill, ofArena),
  free: () => overtaken(fill, ofHeap),
  read: () => overtaken(readFile, ofArena),
};
