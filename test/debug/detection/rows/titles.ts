import { type Group, error, later, prevented, rowsOf, undetected } from './row.ts';

const row = rowsOf('titles');

const receiver = (name: string) =>
  error('INVALID_RECEIVER', new RegExp(`^a method of ${name} was called on an object$`));

// On Node 20 what an addon owns is copied. Newer ones move it, and a pool or heap finds that by its next allocation.
const moves = 'transfer' in ArrayBuffer.prototype;
const copied = prevented('the engine makes a copy');
const elsewhere = undetected('the memory is elsewhere');
const found = later('free', 'USE_AFTER_FREE', /buffer was transferred|has transferred its buffer/);
const guarded = moves ? found : copied;

export const titles: Group = {
  file: 'titles',
  title: 'Who may use what',
  by: 'JavaScript',
  alone: false,
  rows: [
    row('handle', 'stale handle, its slot has another block', 'Pool', [
      error('USE_AFTER_FREE', /^handle 0 of pool "pool" is not in use: it was freed$/),
    ]),
    row('index', 'stale index', 'Pool', [
      error('USE_AFTER_FREE', /^index 0 of pool "pool" is not in use: it was freed$/),
    ]),
    row('mark', 'stale mark', 'Arena', [
      error('STALE_MARK', /^this is no mark of arena "arena" any more: the arena was reset, or rewound/),
    ]),
    row('weak', 'weak reference to a dead block', 'RcHeap', [prevented('it leads to nothing')]),
    row('frame', 'a block of an outer frame', 'Stack', [
      error('FRAME_ORDER', /^a block was asked of a frame of stack "stack" while newer frames are open/),
    ]),
    row('disposed', 'allocation after dispose', 'Arena', [
      error('DISPOSED', /^arena "arena" was disposed; make a new one, or dispose it later$/),
    ]),
    row('moved', 'use of an owner that was moved', 'Heap', [
      error('MOVED', /^use of a handle that was moved: what it owned has another owner/),
    ]),
    row('borrowed', 'a writer beside a reader', 'Heap', [
      error('BORROWED', /^exclusive borrow of a handle whose resource is borrowed by 1 shared borrow/),
    ]),
    row('pinned', 'reset under a pin (I/O in flight)', 'Arena', [
      error('PINNED', /^reset of arena "arena" while 1 pin\(s\) hold its memory; release them first/),
    ]),
    row('transfer', "transfer of the block's buffer", 'Heap, 64 bytes', [
      moves ? elsewhere : copied,
      found,
      guarded,
    ]),
    row('transfer-large', "transfer of the block's buffer", 'Heap, 1 MiB', [guarded, found, guarded]),
    row('thread-block', 'wrong thread: free of a block that was posted', 'Heap', [
      error('INVALID_FREE', /^an object is not a block of heap "heap"/),
    ]),
    row('thread-worker', 'wrong thread: free in a worker', 'Heap', [
      error('INVALID_FREE', /^an object is not a block of heap "heap"/),
    ]),
    row('thread-allocator', 'wrong thread: an allocator that was posted', 'Arena', [receiver('Arena')]),
    row('receiver', "receiver confusion: an arena's method on a heap", 'Heap', [receiver('Arena')]),
    row('proxy', 'receiver confusion: a Proxy of an arena', 'Arena', [receiver('Arena')]),
    row('derived', 'receiver confusion: Object.create(pool)', 'Pool', [receiver('Pool')]),
    row('prototype', 'receiver confusion: a Buffer that inherits from a block', 'Heap', [
      error('INVALID_RECEIVER', /^Block\.prototype\.address was used on something that no allocator made$/),
    ]),
  ],
};
