import { borrow, type Block, type Owned } from 'freehold';

import { fail, give, heap, keep, look, make, makeLater, raw } from './factory.ts';

export function held(): number {
  using page = make();
  return borrow(page, look);
}

export async function later(): Promise<number> {
  using page = await makeLater();
  return page.value.length;
}

export function taken(): void {
  const page = make();
  page.value.fill(1);
  keep(page);
}

export function given(): void {
  const block = raw();
  block.fill(1);
  give(block);
}

export function failing(early: boolean): void {
  const block = heap.alloc(8);
  if (early) fail();
  heap.free(block);
}

/** Whatever its type, what a map gives out is the map's. */
export function found(pages: Map<string, Owned<Block>>): number {
  const page = pages.get('a');
  return page?.value.length ?? 0;
}
