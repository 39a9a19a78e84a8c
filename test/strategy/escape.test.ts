import { pipeline } from 'node:stream/promises';
import { Readable, Writable } from 'node:stream';

import {
  type Arena,
  Block,
  CowArray,
  FreeholdError,
  Heap,
  List,
  RcHeap,
  RcString,
  failing,
  withAllocator,
  withArena,
  withAuto,
} from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

describe('what withArena returns', () => {
  test('is copied to the allocator outside when it is memory of the arena', () => {
    using heap = new Heap();
    const block = withAllocator(heap, () => withArena((arena) => arena.string('kept')));
    expect(block).toBeInstanceOf(Block);
    expect([block.toString(), block.allocator]).toEqual(['kept', heap]);
    expect(heap.stats().blocks).toBe(1);
  });

  test('keeps its kind: typed arrays, DataViews, Buffers that are parts of blocks', () => {
    using heap = new Heap();
    const [doubles, view, part, bytes] = withAllocator(heap, () =>
      withArena((arena) => {
        const block = arena.string('a part of it');
        return [
          arena.array(Float64Array, 3).fill(1.5),
          new DataView(block.buffer, block.byteOffset + 2, 4),
          block.subarray(2, 6),
          new Uint8Array(block.buffer, block.byteOffset, 1),
        ] as const;
      }),
    );
    expect(doubles).toEqual(new Float64Array([1.5, 1.5, 1.5]));
    expect(String.fromCharCode(view.getUint8(0), view.getUint8(3))).toBe('pt');
    expect([view.byteLength, part.toString(), Buffer.isBuffer(part)]).toEqual([4, 'part', true]);
    expect([bytes.constructor, bytes[0]]).toEqual([Uint8Array, 97]);
    expect([doubles, view, part, bytes].every((each) => heap.owns(each))).toBe(true);
  });

  test('is looked through in arrays and plain objects, however deep, and in place', () => {
    using heap = new Heap();
    interface Row {
      block?: Block;
      rows?: Row[];
    }
    const rows: Row[] = [];
    const result: Row & { self?: unknown } = Object.assign(Object.create(null) as object, { rows });
    const depth = 100_000;
    const returned = withAllocator(heap, () =>
      withArena((arena) => {
        result.self = result;
        let inner = rows;
        for (let level = 0; level < depth; level++) {
          const next: Row[] = [];
          inner.push({ rows: next });
          inner = next;
        }
        inner.push({ block: arena.string('deep') });
        return result;
      }),
    );
    expect(returned).toBe(result);
    let row: Row = returned;
    while (row.rows !== undefined) row = row.rows[0];
    expect(row.block?.toString()).toBe('deep');
    expect(heap.stats().blocks).toBe(1);
  });

  test('that stands in two places is copied once', () => {
    using heap = new Heap();
    const [one, two] = withAllocator(heap, () =>
      withArena((arena) => {
        const block = arena.alloc(10);
        return [block, block];
      }),
    );
    expect(one).toBe(two);
    expect(heap.stats().blocks).toBe(1);
  });

  test('stays what it is when it is memory of another', () => {
    using heap = new Heap();
    const own = heap.alloc(5);
    const plain = Buffer.from('plain');
    const result = withArena(() => ({ own, plain, number: 1, text: 'x', nothing: null }));
    expect(result.own).toBe(own);
    expect(result.plain).toBe(plain);
    expect(heap.stats().blocks).toBe(1);
  });

  test('may be a string, a list or an array: it is copied whole', () => {
    using heap = new RcHeap();
    const result = withAllocator(heap, () =>
      withArena(() => {
        const text = RcString.from('some text');
        const list = List.from([1, 'two', [3, 'four']]);
        list.push(text.slice(0, 4));
        return { text: text.slice(5), list, array: CowArray.from(Int16Array, [1, 2, 3]) };
      }),
    );
    expect(result.text.toString()).toBe('text');
    expect(result.list.toArray()).toEqual([1, 'two', [3, 'four'], 'some']);
    expect([...result.array]).toEqual([1, 2, 3]);
    for (const each of Object.values(result)) {
      expect(each.allocator).toBe(heap);
      each.release();
    }
    expect([heap.stats().blocks, heap.check()]).toEqual([0, true]);
    const returned = withAllocator(heap, () => withArena(() => RcString.from('alone')));
    expect(returned.toString()).toBe('alone');
    returned.release();
    refusal(() => withArena(() => ({ list: List.create() }), { escape: 'throw' }), 'ERR_FREEHOLD_ESCAPE');
  });

  test('may be a list that is in itself', () => {
    using heap = new RcHeap();
    const list = withAllocator(heap, () =>
      withArena(() => {
        const made = List.from([1]);
        made.push(made);
        return made;
      }),
    );
    const inner = list.get(1) as List;
    expect([list.length, inner.isSame(list)]).toEqual([2, true]);
    inner.release();
    list.release();
    heap.collect();
    expect(heap.stats().blocks).toBe(0);
  });

  test('is not looked for in instances of classes and maps: that memory is gone, and says so', () => {
    class Holder {
      constructor(readonly block: Block) {}
    }
    const result = withArena((arena) => ({
      holder: new Holder(arena.alloc(1)),
      map: new Map([[1, arena.alloc(1)]]),
    }));
    expect([result.holder.block.length, result.map.get(1)?.length]).toEqual([0, 0]);
    refusal(() => result.holder.block.address, 'ERR_FREEHOLD_USE_AFTER_FREE');
  });

  test('goes to the outer arena, from scope to scope', () => {
    using heap = new Heap();
    const text = withAllocator(heap, () =>
      withArena((outer) => {
        const inner = withArena((arena) => ({ line: arena.string('through two') }));
        expect(outer.owns(inner.line)).toBe(true);
        return inner;
      }),
    );
    expect([text.line.toString(), heap.stats().blocks]).toEqual(['through two', 1]);
  });

  test('goes to an outer automatic scope, which releases it unless it is returned', () => {
    using heap = new RcHeap();
    const kept = withAuto(
      () => {
        withArena((arena) => arena.alloc(1));
        return { line: withArena((arena) => arena.string('kept')) };
      },
      { heap },
    );
    expect(heap.stats().blocks).toBe(1);
    expect(kept.line.toString()).toBe('kept');
    kept.line[Symbol.dispose]();
    expect(heap.stats().blocks).toBe(0);
  });

  test('after a promise, too', async () => {
    using heap = new Heap();
    const lines = await withAllocator(heap, async () =>
      withArena(async (arena) => {
        const chunks: Buffer[] = [];
        await pipeline(
          Readable.from(['one', 'two']),
          new Writable({
            write(chunk: Buffer, _encoding, done) {
              chunks.push(arena.copy(chunk));
              done();
            },
          }),
        );
        return chunks;
      }),
    );
    expect(lines.map(String)).toEqual(['one', 'two']);
    expect(heap.stats().blocks).toBe(2);
  });

  test('that cannot be copied whole leaves no copy, and the scope ends', () => {
    using heap = new Heap();
    let kept: Arena | undefined;
    const run = (): unknown =>
      withAllocator(failing(heap, { failAt: 2 }), () =>
        withArena((arena) => {
          kept = arena;
          return [arena.alloc(1), arena.alloc(2), arena.alloc(3)];
        }),
      );
    expect(refusal(run, 'ERR_FREEHOLD_OUT_OF_MEMORY')).toBeInstanceOf(FreeholdError);
    expect([heap.stats().blocks, kept?.disposed]).toEqual([0, true]);
  });

  test('behind a getter is refused, since its copy could not stand there', () => {
    const run = (): unknown =>
      withArena((arena) => {
        const block = arena.alloc(1);
        return {
          get block() {
            return block;
          },
        };
      });
    expect(refusal(run, 'ERR_FREEHOLD_ESCAPE').message).toContain("'block'");
  });

  test('in a frozen object is refused, since its copy could not stand there', () => {
    using heap = new Heap();
    const run = (): unknown =>
      withAllocator(heap, () =>
        withArena((arena) => Object.freeze({ a: [arena.alloc(1)], block: arena.alloc(2) })),
      );
    expect(refusal(run, 'ERR_FREEHOLD_ESCAPE').message).toContain("'block'");
    expect(heap.stats().blocks).toBe(0);
  });
});

describe("with { escape: 'throw' }", () => {
  test('memory of the arena is refused, wherever it is', () => {
    const run = (make: (arena: Arena) => unknown) => () => withArena(make, { escape: 'throw' });
    expect(
      refusal(
        run((arena) => arena.alloc(5)),
        'ERR_FREEHOLD_ESCAPE',
      ).message,
    ).toContain('5 bytes');
    expect(
      refusal(
        run((arena) => ({ a: [1, { b: arena.alloc(1) }] })),
        'ERR_FREEHOLD_ESCAPE',
      ).message,
    ).toContain("'b'");
    refusal(
      run((arena) => [arena.array(Int32Array, 1)]),
      'ERR_FREEHOLD_ESCAPE',
    );
  });

  test('anything else is returned', () => {
    using heap = new Heap();
    const result = { block: heap.alloc(1), number: 5 };
    expect(withArena((arena) => (arena.alloc(1), result), { escape: 'throw' })).toBe(result);
    expect(withArena((arena) => arena.alloc(7).length, { escape: 'throw' })).toBe(7);
  });
});

describe('the arena of a scope', () => {
  test('ends with it, and its memory is used again', () => {
    const addresses = new Set<bigint>();
    const arenas = new Set<Arena>();
    let stale: Block | undefined;
    for (let count = 0; count < 10; count++) {
      withArena((arena) => {
        stale = arena.alloc(100);
        addresses.add(stale.address);
        arenas.add(arena);
      });
      expect(stale?.length).toBe(0);
    }
    expect([addresses.size, arenas.size]).toEqual([1, 10]);
    for (const arena of arenas) refusal(() => arena.alloc(1), 'ERR_FREEHOLD_DISPOSED');
  });

  test('keeps its limit', () => {
    expect(
      refusal(() => withArena((arena) => arena.alloc(100_000), { limitBytes: 70_000 }), 'ERR_FREEHOLD_LIMIT'),
    ).toBeInstanceOf(FreeholdError);
    expect(withArena((arena) => arena.alloc(1000).length, { limitBytes: 70_000, initialBytes: 4096 })).toBe(
      1000,
    );
  });

  test('that is pinned when the scope ends is left to the collector', () => {
    const { block, pin } = withArena((arena) => {
      const inner = arena.alloc(8).fill(7);
      return new (class {
        block = inner;
        pin = inner.pin();
      })();
    });
    withArena((arena) => arena.alloc(8).fill(9));
    expect([...block]).toEqual(new Array(8).fill(7));
    pin.release();
  });

  test('may be disposed by the function itself', () => {
    expect(withArena((arena) => (arena.alloc(1), arena.dispose(), 5))).toBe(5);
    expect(withArena((arena) => (arena.dispose(), { a: 1 }))).toEqual({ a: 1 });
  });
});
