import { inspect } from 'node:util';
import {
  type Allocator,
  Arena,
  AsyncOwned,
  Block,
  Heap,
  Owned,
  PageAllocator,
  Pool,
  RcHeap,
  own,
  owned,
  tracking,
} from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

const sources: [string, () => Allocator & { stats(): object }][] = [
  ['a pool', () => new Pool({ blockBytes: 100 })],
  ['a heap', () => new Heap()],
  ['a heap whose blocks stand alone', () => new Heap({ isolate: true })],
  ['whole pages', () => new PageAllocator()],
  ['a reference-counted heap', () => new RcHeap()],
  ['a tracked pool', () => tracking(new Pool({ blockBytes: 100 }))],
  ['a tracked arena', () => tracking(new Arena())],
];

/** A resource that counts its ends. */
class Resource implements Disposable {
  ends = 0;

  [Symbol.dispose](): void {
    this.ends++;
  }
}

describe.each(sources)('the owner of a block of %s', (_name, make) => {
  test('frees it at its end, once', () => {
    using allocator = make();
    const handle = owned(allocator, 100);
    const { value } = handle;
    expect(value).toBeInstanceOf(Block);
    expect(value.length).toBe(100);
    expect(allocator.owns(value)).toBe(true);
    handle.dispose();
    expect(allocator.owns(value)).toBe(false);
    handle.dispose();
    handle[Symbol.dispose]();
    expect(handle.state).toBe('disposed');
    refusal(() => handle.value, 'ERR_FREEHOLD_DISPOSED');
    refusal(() => handle.move(), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => handle.release(), 'ERR_FREEHOLD_DISPOSED');
  });

  test('gives it to another with move, and does nothing any more', () => {
    using allocator = make();
    const first = owned(allocator, 64);
    const { value } = first;
    const second = first.move();
    expect(second.value).toBe(value);
    expect([first.state, second.state]).toEqual(['moved', 'owned']);
    refusal(() => first.value, 'ERR_FREEHOLD_MOVED');
    refusal(() => first.move(), 'ERR_FREEHOLD_MOVED');
    refusal(() => first.release(), 'ERR_FREEHOLD_MOVED');
    refusal(() => first.borrow(), 'ERR_FREEHOLD_MOVED');
    refusal(() => first.borrowMut(), 'ERR_FREEHOLD_MOVED');
    refusal(() => first.dispose(), 'ERR_FREEHOLD_MOVED');
    first[Symbol.dispose]();
    expect(allocator.owns(value)).toBe(true);
    second.dispose();
    expect(allocator.owns(value)).toBe(false);
  });

  test('hands it out with release, and it can be owned again', () => {
    using allocator = make();
    const first = owned(allocator, 64);
    const block = first.release();
    expect(first.state).toBe('released');
    refusal(() => first.value, 'ERR_FREEHOLD_MOVED');
    refusal(() => first.dispose(), 'ERR_FREEHOLD_MOVED');
    first[Symbol.dispose]();
    expect(allocator.owns(block)).toBe(true);
    const second = own(block);
    expect(second.value).toBe(block);
    second.dispose();
    expect(allocator.owns(block)).toBe(false);
  });

  test('is the only one', () => {
    using allocator = make();
    const handle = owned(allocator, 64);
    refusal(() => own(handle.value), 'ERR_FREEHOLD_MOVED');
    const moved = handle.move();
    refusal(() => own(moved.value), 'ERR_FREEHOLD_MOVED');
    using reader = moved.borrow();
    refusal(() => own(reader.value as unknown as Block), 'ERR_FREEHOLD_MOVED');
    reader.end();
    moved.dispose();
  });

  test('finds out when it was freed behind its back, and never frees what came after it', () => {
    using allocator = make();
    const handle = owned(allocator, 64);
    allocator.free(handle.value);
    expect(handle.state).toBe('gone');
    refusal(() => handle.value, 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => handle.release(), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => handle.borrow(), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => handle.borrowMut(), 'ERR_FREEHOLD_USE_AFTER_FREE');
    using next = owned(allocator, 64); // Of a pool, the same object.
    next.value.fill(7);
    refusal(() => handle.value, 'ERR_FREEHOLD_USE_AFTER_FREE');
    try {
      handle.dispose();
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_FREEHOLD_DOUBLE_FREE' });
    }
    expect(handle.state).toBe('disposed');
    expect(next.value.every((byte) => byte === 7)).toBe(true);
    expect(allocator.owns(next.value)).toBe(true);
  });

  test('has nothing to do when its allocator has ended', () => {
    const allocator = make();
    const handle = owned(allocator, 64);
    if ('leaks' in allocator) handle.dispose(); // A tracking allocator reports what is left.
    try {
      allocator[Symbol.dispose]();
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_FREEHOLD_LEAK' });
    }
    handle.dispose();
    expect(handle.state).toBe('disposed');
  });

  test('does not take a block that was freed', () => {
    using allocator = make();
    if (_name === 'a tracked arena') return; // Arenas do not know which of their blocks were freed.
    const block = allocator.alloc(64);
    allocator.free(block);
    refusal(() => own(block), 'ERR_FREEHOLD_USE_AFTER_FREE');
  });
});

describe('own', () => {
  test('ends what has Symbol.dispose by it, once', () => {
    const resource = new Resource();
    {
      using handle = own(resource);
      expect(handle).toBeInstanceOf(Owned);
      expect(handle.value).toBe(resource);
      refusal(() => own(resource), 'ERR_FREEHOLD_MOVED');
    }
    expect(resource.ends).toBe(1);
    own(resource).dispose();
    expect(resource.ends).toBe(2);
  });

  test('ends any other value by a function', () => {
    const closed: number[] = [];
    const handle = own(5, (descriptor) => closed.push(descriptor));
    expect(handle.value).toBe(5);
    handle.dispose();
    handle.dispose();
    expect(closed).toEqual([5]);
  });

  test('takes the method that a resource has at that moment, as `using` does', () => {
    const resource = new Resource();
    const handle = own(resource);
    resource[Symbol.dispose] = () => {
      throw new Error('another');
    };
    handle.dispose();
    expect(resource.ends).toBe(1);
  });

  test('owns objects that cannot be extended, once', () => {
    const resource = Object.freeze({ [Symbol.dispose]: () => undefined });
    const handle = own(resource);
    refusal(() => own(resource), 'ERR_FREEHOLD_MOVED');
    handle.release();
    own(resource).dispose();
  });

  test('leaves a handle dead whose resource throws at its end', () => {
    const handle = own({}, () => {
      throw new Error('cannot close');
    });
    expect(() => handle.dispose()).toThrow('cannot close');
    expect(handle.state).toBe('disposed');
    handle.dispose();
  });

  test('has ended already when its end runs again from within', () => {
    let ends = 0;
    const handle: Owned<object> = own({}, () => {
      ends++;
      handle.dispose();
      handle[Symbol.dispose]();
    });
    handle.dispose();
    expect(ends).toBe(1);
  });

  test('refuses what has no end, is a handle, or is no block of an allocator', () => {
    using pool = new Pool({ blockBytes: 64 });
    using handle = owned(pool);
    for (const value of [undefined, null, 5, 'text', {}, Buffer.alloc(8), () => undefined])
      refusal(() => own(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => own(handle as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    using reader = handle.borrow();
    refusal(() => own(reader as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    reader.end();
    using writer = handle.borrowMut();
    refusal(() => own(writer as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    writer.end();
    refusal(() => own(new Block(new ArrayBuffer(8), 0, 8)), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => own({}, 5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});

describe('owned', () => {
  test('asks the allocator for the length and the alignment', () => {
    using heap = new Heap();
    using handle = owned(heap, 1000, 256);
    expect(handle.value.length).toBe(1000);
    expect(handle.value.address % 256n).toBe(0n);
    refusal(() => owned(heap, -1), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => owned(heap, 8, 3), 'ERR_FREEHOLD_INVALID_ALIGNMENT');
  });

  test('gives the blocks of a pool zeroed, also the second time', () => {
    using pool = new Pool({ blockBytes: 64 });
    for (let round = 0; round < 3; round++) {
      using handle = owned(pool);
      expect(handle.value.every((byte) => byte === 0)).toBe(true);
      handle.value.fill(1);
    }
    expect(pool.blocks).toBe(0);
  });

  test('refuses what is no allocator, and what an allocator returns that is no block', () => {
    for (const value of [undefined, null, 5, {}, [], () => undefined])
      refusal(() => owned(value as never, 8), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    for (const value of [undefined, null, Buffer.alloc(8), {}, Object.create(Block.prototype)])
      refusal(() => owned({ alloc: () => value as never }, 8), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('gives the blocks of an allocator of the program back to it', () => {
    const freed: unknown[] = [];
    const allocator = {
      alloc: (byteLength: number) => new Block(new ArrayBuffer(byteLength), 0, byteLength),
      free: (block: unknown) => freed.push(block),
    };
    const handle = owned(allocator, 8);
    const { value } = handle;
    handle.dispose();
    expect(freed).toEqual([value]);
  });
});

describe('the owner of a pinned block', () => {
  test.each([
    ['a pool', () => new Pool({ blockBytes: 64 })],
    ['a heap', () => new Heap({ isolate: true })],
    ['a tracked pool', () => tracking(new Pool({ blockBytes: 64 }))],
  ])('of %s stays its owner when it cannot be freed', (_name, make) => {
    using allocator = make();
    const handle = owned(allocator, 64);
    const pin = handle.value.pin();
    refusal(() => handle.dispose(), 'ERR_FREEHOLD_PINNED');
    expect(handle.state).toBe('owned');
    pin.release();
    const { value } = handle;
    handle.dispose();
    expect(allocator.owns(value)).toBe(false);
  });
});

describe('a block that its allocator ends', () => {
  test('is gone for its owner, whose end does nothing', () => {
    using arena = new Arena();
    const handle = owned(arena, 64);
    arena.reset();
    expect(handle.state).toBe('gone');
    refusal(() => handle.value, 'ERR_FREEHOLD_USE_AFTER_FREE');
    handle.dispose();
    expect(handle.state).toBe('disposed');
  });

  test("is the next owner's alone when mode 'reuse' hands the same view out again", () => {
    using arena = new Arena({ reset: 'reuse' });
    owned(arena, 64);
    arena.reset();
    const stale = owned(arena, 64);
    const { value } = stale;
    arena.reset();
    using next = owned(arena, 64);
    expect(next.value).toBe(value);
    refusal(() => stale.value, 'ERR_FREEHOLD_USE_AFTER_FREE');
    stale.dispose();
    expect(arena.used).toBe(64);
    expect(next.state).toBe('owned');
  });

  test('of length 0 is there until it is freed', () => {
    using heap = new Heap();
    const handle = owned(heap, 0);
    expect(handle.value.length).toBe(0);
    handle.dispose();
    expect(heap.stats().blocks).toBe(0);
  });

  test('of a pool is gone when its memory was moved away', () => {
    using pool = new Pool({ blockBytes: 64 });
    const handle = owned(pool);
    const { buffer } = handle.value;
    structuredClone(buffer, { transfer: [buffer] });
    if (buffer.byteLength > 0) {
      handle.dispose();
      return;
    } // Node 20 copies it.
    handle.dispose();
    expect(handle.state).toBe('disposed');
  });
});

describe('a handle', () => {
  test('says in logs what it owns, and its state', () => {
    using pool = new Pool({ blockBytes: 4 });
    const handle = owned(pool);
    expect(JSON.stringify(handle)).toBe('{"state":"owned","borrows":0}');
    expect(inspect(handle)).toMatch(/^Owned \{ owned <?Block|^Owned \{ owned/);
    const one = handle.borrow();
    const two = handle.borrow();
    expect(handle.toJSON()).toEqual({ state: 'borrowed', borrows: 2 });
    one.end();
    two.end();
    const writer = handle.borrowMut();
    expect(handle.toJSON()).toEqual({ state: 'borrowed exclusively', borrows: 1 });
    writer.end();
    handle.dispose();
    expect(inspect(handle)).toBe('Owned { disposed }');
    expect(handle.toJSON()).toEqual({ state: 'disposed', borrows: 0 });
  });

  test('is made by own and owned alone', () => {
    for (const value of [undefined, null, {}, { state: 0 }]) {
      refusal(() => new Owned(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      refusal(() => new AsyncOwned(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
  });

  test('can be moved ten thousand times', () => {
    using pool = new Pool({ blockBytes: 64 });
    let handle = owned(pool);
    for (let k = 0; k < 10_000; k++) handle = handle.move();
    expect(handle.state).toBe('owned');
    handle.dispose();
    expect(pool.blocks).toBe(0);
  });
});
