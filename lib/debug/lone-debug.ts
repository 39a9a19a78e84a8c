import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import { Heap } from '../heap.ts';
import { ALONE, type AllocOptions } from '../heap-options.ts';
import { PageAllocator } from '../page-allocator.ts';
import { coverOf } from './cover.ts';
import { asking, isolated, lend } from './doing.ts';
import { explain, watchEnds } from './ends.ts';
import { isLeftOut } from './guards.ts';
import { makeUndefined } from './memory.ts';
import { settle } from './raise.ts';
import { Fate } from './record.ts';
import { replaceMethod } from './replace-method.ts';
import { recordsAll, state } from './state.ts';

// Heaps and page allocators in debug mode.

/** Makes heaps and page allocators record their blocks. */
export function watchLoneBlocks(): void {
  lend();
  watch(Heap.prototype, true);
  watch(PageAllocator.prototype, false);
}

/** What heaps and page allocators have in common. */
interface Watched extends Allocator {
  alloc(byteLength: number, how?: number | AllocOptions): Block;
  allocUnsafe(byteLength: number, how?: number | AllocOptions): Block;
  tryAlloc(byteLength: number, how?: number | AllocOptions): Block | null;
  dispose(): void;
}

function watch(target: Watched, isolates: boolean): void {
  const asked = (how: number | AllocOptions | undefined) => (isolates ? isolated(how, ALONE) : how);

  replaceMethod(
    target,
    'alloc',
    (own) =>
      function alloc(this: Watched, byteLength: number, how?: number | AllocOptions): Block {
        if (--state.countdown > 0 || isLeftOut()) return own.call(this, byteLength, how);
        return asking(alloc, byteLength, () => shown(own.call(this, byteLength, asked(how)), true));
      },
  );
  replaceMethod(
    target,
    'allocUnsafe',
    (own) =>
      function allocUnsafe(this: Watched, byteLength: number, how?: number | AllocOptions): Block {
        if (--state.countdown > 0 || isLeftOut()) return own.call(this, byteLength, how);
        return asking(allocUnsafe, byteLength, () => shown(own.call(this, byteLength, asked(how)), false));
      },
  );
  replaceMethod(
    target,
    'tryAlloc',
    (own) =>
      function tryAlloc(this: Watched, byteLength: number, how?: number | AllocOptions): Block | null {
        if (--state.countdown > 0 || isLeftOut()) return own.call(this, byteLength, how);
        return asking(tryAlloc, byteLength, () => {
          const block = own.call(this, byteLength, asked(how));
          return block === null ? null : shown(block, true);
        });
      },
  );
  replaceMethod(
    target,
    'realloc',
    (own) =>
      function realloc(this: Watched, block: Block, byteLength: number): Block {
        const cover = coverOf(block);
        if (cover === undefined && !recordsAll()) return own.call(this, block, byteLength);
        const move = () => shown(own.call(this, block, byteLength), true);
        try {
          const moved = asking(realloc, byteLength, move, Fate.MOVED);
          settle();
          return moved;
        } catch (error) {
          explain(error, cover, this, realloc);
          return block;
        }
      },
  );
  watchEnds(target);
}

/** A new block, as the program gets it. */
function shown(block: Block, zeroed: boolean): Block {
  const cover = coverOf(block);
  if (cover === undefined) return block;
  cover.block = block;
  if (!zeroed && state.settings.poison) makeUndefined(block);
  return block;
}
