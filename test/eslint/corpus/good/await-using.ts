// good
import { Heap, ownAsync } from 'freehold';

const heap = new Heap();

async function run(): Promise<number> {
  const block = heap.alloc(8);
  await using handle = ownAsync(block, async (it) => {
    heap.free(it);
  });
  return handle.value.length;
}

await run();
