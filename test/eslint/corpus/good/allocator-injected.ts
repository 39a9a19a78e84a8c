// good
import { Arena, Heap, type Allocator, type Block } from 'freehold';

function frame(payload: Uint8Array, allocator: Allocator): Block {
  const block = allocator.alloc(4 + payload.byteLength);
  block.writeUInt32BE(payload.byteLength);
  block.set(payload, 4);
  return block;
}

function scratch(allocator: Allocator): number {
  const block = allocator.alloc(16);
  block.fill(1);
  const sum = block[0];
  allocator.free(block);
  return sum;
}

{
  using arena = new Arena();
  frame(Buffer.from('x'), arena);
  scratch(arena);
}
const heap = new Heap();
heap.free(frame(Buffer.from('x'), heap));
scratch(heap);
heap.dispose();
