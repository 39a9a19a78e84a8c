import type { Block } from '../block.ts';
import { FixedBuffer } from '../fixed-buffer.ts';
import type { TypedArray, TypedArrayConstructor } from '../typed-arrays.ts';
import {
  type Cover,
  bookOf,
  coverOf,
  endInPlace,
  mayEnd,
  noteInPlace,
  openBook,
  orphan,
  standIn,
} from './cover.ts';
import { makeUndefined } from './memory.ts';
import { Fate } from './record.ts';
import { replaceMethod } from './replace-method.ts';
import type { Site } from './site.ts';
import { countOn, recordsAll, siteOf, state } from './state.ts';

// Fixed buffers in debug mode. Their memory is the program's, and their blocks have to be in it: a block that was freed can still be
// reached through other views of that memory, and there are no canaries. It is the only allocator of which that is so.

/** Makes fixed buffers record their blocks. */
export function watchFixedBuffers(): void {
  const { prototype } = FixedBuffer;

  replaceMethod(prototype, 'alloc', (own) => {
    return function alloc(this: FixedBuffer, byteLength: number, alignment?: number): Block {
      if (!recordsAll()) return own.call(this, byteLength, alignment);
      const site = siteOf(alloc);
      return note(this, own.call(this, byteLength, alignment), site, true);
    };
  });
  replaceMethod(prototype, 'allocUnsafe', (own) => {
    return function allocUnsafe(this: FixedBuffer, byteLength: number, alignment?: number): Block {
      if (!recordsAll()) return own.call(this, byteLength, alignment);
      const site = siteOf(allocUnsafe);
      return note(this, own.call(this, byteLength, alignment), site, false);
    };
  });
  replaceMethod(prototype, 'tryAlloc', (own) => {
    return function tryAlloc(this: FixedBuffer, byteLength: number, alignment?: number): Block | null {
      if (!recordsAll()) return own.call(this, byteLength, alignment);
      const site = siteOf(tryAlloc);
      const block = own.call(this, byteLength, alignment);
      return block === null ? null : note(this, block, site, true);
    };
  });
  replaceMethod(prototype, 'array', (own) => {
    return function array<C extends TypedArrayConstructor>(
      this: FixedBuffer,
      constructor: C,
      length: number,
    ): TypedArray<C> {
      const made = own.call(this, constructor, length) as TypedArray<C>;
      const newest = bookOf(this)?.newest;
      if (recordsAll() && newest) standIn(made, newest);
      return made;
    };
  });
  replaceMethod(prototype, 'realloc', (own) => {
    return function realloc(this: FixedBuffer, block: Block, byteLength: number): Block {
      const cover = coverOf(block);
      if (cover === undefined || !isOpen(this)) return own.call(this, block, byteLength);
      const site = siteOf(realloc);
      if (!mayEnd(cover, this, site)) return block;
      const moved = own.call(this, block, byteLength);
      endInPlace(cover, Fate.MOVED, site);
      return note(this, moved, site, true);
    };
  });
  replaceMethod(prototype, 'free', (own) => {
    return function free(this: FixedBuffer, view: ArrayBufferView): void {
      const cover = coverOf(view);
      if (cover === undefined || !isOpen(this)) {
        own.call(this, view);
        return;
      }
      const site = siteOf(free);
      if (!mayEnd(cover, this, site)) return;
      own.call(this, view);
      endInPlace(cover, Fate.FREED, site);
    };
  });
  replaceMethod(prototype, 'owns', (own) => {
    return function owns(this: FixedBuffer, view: ArrayBufferView): boolean {
      return own.call(this, view) && (coverOf(view)?.record.fate ?? Fate.LIVE) === Fate.LIVE;
    };
  });
  replaceMethod(prototype, 'reset', (own) => {
    return function reset(this: FixedBuffer): void {
      const site = siteOf(reset);
      own.call(this);
      endAll(this, (cover) => {
        endInPlace(cover, Fate.ENDED, site);
      });
    };
  });
  replaceMethod(prototype, 'dispose', (own) => {
    return function dispose(this: FixedBuffer): void {
      own.call(this);
      // They are views like any other from now on.
      endAll(this, (cover) => {
        orphan(cover, null);
      });
      bookOf(this)?.ledger.retire('disposed');
    };
  });
}

function note(buffer: FixedBuffer, block: Block, site: Site | null, zeroed: boolean): Block {
  countOn();
  if (!zeroed && state.settings.poison) makeUndefined(block);
  noteInPlace(openBook(buffer, buffer), block, site);
  return block;
}

/** Whether a fixed buffer takes requests. What is none, or was disposed, refuses by itself. */
function isOpen(buffer: FixedBuffer): boolean {
  return buffer instanceof FixedBuffer && !buffer.disposed;
}

function endAll(buffer: FixedBuffer, finish: (cover: Cover) => void): void {
  const book = bookOf(buffer);
  if (book === undefined) return;
  while (book.newest !== null) finish(book.newest);
}
