// bad: no-leak 11 typed
import { Heap, owned, type Block, type Owned } from 'freehold';

const heap = new Heap();

const make: (size: number) => Owned<Block> = ((factory: (size: number) => Owned<Block>) => factory)((size) =>
  owned(heap, size),
);

function run(): number {
  const made = make(8);
  return made.value.length;
}

run();
