import { Heap, owned, type Block, type Borrowed, type Owned } from 'freehold';

const heap = new Heap();
const kept: Owned<Block>[] = [];

export function make(): Owned<Block> {
  return owned(heap, 8);
}

export async function makeLater(): Promise<Owned<Block>> {
  await null;
  return make();
}

export function keep(page: Owned<Block>): void {
  kept.push(page);
}

export function look(page: Borrowed<Block>): number {
  return page.value.length;
}

/**
 * @returnsOwnership
 */
export function raw(): Block {
  return heap.alloc(8);
}

/**
 * @takesOwnership block
 */
export function give(block: Block): void {
  heap.free(block);
}

export function fail(): never {
  throw new Error('no');
}

export { heap };
