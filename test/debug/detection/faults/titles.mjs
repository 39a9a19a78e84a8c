// Who may use what, for how long, and where.
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { Arena, Heap, Pool, RcHeap, Stack, borrow, borrowMut, own } from 'freehold';

import { commit, later, prevented, undetected } from './support.mjs';

/** What arrives of a value that is sent to another thread. */
function sent(value, transferList) {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(value, transferList);
  const received = receiveMessageOnPort(port2);
  port1.close();
  return received.message;
}

export const faults = {
  handle: () => {
    const pool = new Pool({ blockBytes: 64 });
    const handle = pool.allocHandle();
    pool.freeHandle(handle);
    pool.allocHandle();
    commit(() => pool.indexOf(handle));
    return undetected('another block was reached');
  },
  index: () => {
    const pool = new Pool({ blockBytes: 64 });
    const index = pool.allocIndex();
    pool.freeIndex(index);
    commit(() => pool.view(index));
    return undetected('the bytes that it was were reached');
  },
  mark: () => {
    const arena = new Arena();
    const mark = arena.mark();
    arena.reset();
    commit(() => arena.rewind(mark));
    return undetected('nothing');
  },
  weak: () => {
    const rc = new RcHeap().alloc(64);
    const weak = rc.weak();
    rc.release();
    const again = commit(() => weak.upgrade());
    return again === null ? prevented('it leads to nothing') : undetected('a dead block was reached');
  },
  frame: () => {
    const stack = new Stack();
    const outer = stack.frame();
    stack.frame();
    commit(() => outer.alloc(64));
    return undetected('a block');
  },
  disposed: () => {
    const arena = new Arena();
    arena.dispose();
    commit(() => arena.alloc(64));
    return undetected('a block');
  },
  moved: () => {
    const heap = new Heap();
    const owner = own(heap.alloc(64));
    owner.move();
    commit(() => owner.value);
    return undetected('it was used');
  },
  borrowed: () => {
    const heap = new Heap();
    const owner = own(heap.alloc(64));
    borrow(owner, () => commit(() => borrowMut(owner, () => undefined)));
    return undetected('two at a time');
  },
  pinned: () => {
    const arena = new Arena();
    arena.alloc(64).pin();
    commit(() => arena.reset());
    return undetected('nothing');
  },
  transfer: () => {
    const heap = new Heap();
    const block = heap.alloc(64);
    commit(() => structuredClone(block.buffer, { transfer: [block.buffer] }));
    if (block.length > 0) return prevented('the engine makes a copy');
    later('free', () => heap.free(block));
    return undetected('the memory is elsewhere');
  },
  'transfer-large': () => {
    const heap = new Heap();
    const block = heap.alloc(1 << 20);
    commit(() => structuredClone(block.buffer, { transfer: [block.buffer] }));
    if (block.length > 0) return prevented('the engine makes a copy');
    later('free', () => heap.free(block));
    return undetected('the memory is elsewhere');
  },
  'thread-block': () => {
    const heap = new Heap();
    const copy = sent(heap.alloc(64));
    commit(() => heap.free(copy));
    return undetected('nothing');
  },
  'thread-allocator': () => {
    const arena = sent(new Arena());
    commit(() => Arena.prototype.alloc.call(arena, 64));
    return undetected('a block');
  },
  'thread-worker': async () => {
    const heap = new Heap();
    const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: heap.alloc(64) });
    const error = await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    return error === null ? undetected('nothing') : { kind: 'error', ...error };
  },
  receiver: () => {
    const heap = new Heap();
    commit(() => Arena.prototype.alloc.call(heap, 64));
    return undetected('a block');
  },
  proxy: () => {
    const arena = new Proxy(new Arena(), {});
    commit(() => arena.alloc(64));
    return undetected('a block');
  },
  derived: () => {
    const pool = Object.create(new Pool({ blockBytes: 64 }));
    commit(() => pool.alloc());
    return undetected('a block');
  },
  prototype: () => {
    const view = Object.setPrototypeOf(Buffer.alloc(64), new Heap().alloc(64));
    commit(() => view.address);
    return undetected('an address');
  },
};
