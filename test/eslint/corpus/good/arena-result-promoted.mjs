// good
import { Heap, withAllocator, withArena } from 'freehold';

const heap = new Heap();

const line = withAllocator(heap, () => withArena((arena) => arena.string('kept')));
console.log(line.toString());
heap.free(line);
