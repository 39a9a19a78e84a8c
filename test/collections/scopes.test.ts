import { describe, expect, test } from 'vitest';
import {
  Arena,
  AutomaticAllocator,
  CowArray,
  Interner,
  List,
  RcHeap,
  RcString,
  StringBuilder,
  auto,
  defaultRcHeap,
  keep,
  limited,
  withAllocator,
} from 'freehold';
import { refusal } from '../lib/codes.ts';

describe('what a scope of auto() has made', () => {
  test('is released at its end, and refused from then on', () => {
    using heap = new RcHeap();
    // Not looked into, so that the result keeps nothing.
    class Made {
      constructor(
        readonly string: RcString,
        readonly copy: RcString,
        readonly list: List,
        readonly array: CowArray,
        readonly builder: StringBuilder,
      ) {}
    }
    const { string, copy, list, array, builder } = auto(
      (allocator) => {
        const text = RcString.from('text', { allocator });
        const values = List.from([1, text, 'other'], { allocator });
        values.push(values);
        for (let each = 0; each < 50; each++) values.push(String(each));
        return new Made(
          text,
          text.copy(),
          values,
          CowArray.of(Uint8Array, 10, { allocator }),
          new StringBuilder({ allocator }).append('text'),
        );
      },
      { heap },
    );
    heap.collect();
    expect([heap.stats().blocks, heap.check()]).toEqual([0, true]);
    // Their places have other owners now.
    const others = Array.from({ length: 200 }, () => heap.allocHandle(16));
    for (const use of [
      () => string.toString(),
      () => copy.toString(),
      () => list.length,
      () => list.push(1),
      () => array.get(0),
      () => builder.toString(),
      () => builder.append('more'),
    ])
      refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
    for (const each of [string, copy, list, array]) each.release();
    builder.dispose();
    expect(heap.stats().blocks).toBe(200);
    for (const each of others) heap.release(each);
  });

  test("is the caller's when it is returned, and works as before", () => {
    using heap = new RcHeap();
    const { list, parts, array } = auto(
      (allocator) => {
        RcString.from('released', { allocator });
        const text = RcString.from('kept in part', { allocator });
        return {
          list: List.from([1, 'two'], { allocator }),
          parts: [text.slice(0, 4), text.slice(8)],
          array: CowArray.of(Float64Array, 3, { allocator }),
        };
      },
      { heap },
    );
    for (let each = 0; each < 100; each++) list.push(`text ${each}`);
    expect([list.length, String(list.toArray()[1]), parts.map(String)]).toEqual([
      102,
      'two',
      ['kept', 'part'],
    ]);
    const copy = array.copy();
    copy.set(0, 5);
    expect([array.get(0), copy.get(0)]).toEqual([0, 5]);
    expect(heap.check()).toBe(true);
    for (const each of [list, ...parts, array, copy]) each.release();
    heap.collect();
    expect(heap.stats().blocks).toBeLessThanOrEqual(1); // The string that list.get() has made is the collector's.
  });

  test("is the caller's when it was kept, and the outer scope's inside of another", () => {
    using heap = new RcHeap();
    const kept = auto((allocator) => ({ value: 1, made: keep(RcString.from('kept', { allocator })) }).made, {
      heap,
    });
    expect(kept.toString()).toBe('kept');
    kept.release();
    let inner: List | undefined;
    auto(
      () => {
        inner = auto((allocator) => List.from(['text'], { allocator }), { heap });
        inner.push('more');
        expect(inner.toArray()).toEqual(['text', 'more']);
      },
      { heap },
    );
    refusal(() => inner?.length, 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(heap.stats().blocks).toBe(0);
    refusal(() => keep(kept), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    using outside = RcString.from('not of a scope', { allocator: heap });
    refusal(() => keep(outside), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('is what collections take from in it when they are told nothing', () => {
    using heap = new RcHeap();
    auto(
      () => {
        RcString.from('text');
        List.from([1, 2]);
        expect(heap.stats().blocks).toBe(3);
      },
      { heap },
    );
    expect(heap.stats().blocks).toBe(0);
    using arena = new Arena();
    const list = withAllocator(arena, () => List.from(['text']));
    expect(list.allocator).toBe(arena);
    expect(List.create().allocator).toBe(defaultRcHeap());
  });

  test('lives on where a list of the heap has it', () => {
    using heap = new RcHeap();
    using list = List.create({ allocator: heap });
    auto(
      (allocator) => {
        const inner = List.from(['inner'], { allocator });
        list.push(inner);
        list.push(RcString.from('text', { allocator }));
        list.push(auto((memory) => String(RcString.from('scratch', { allocator: memory })), { heap }));
        const again = list.get(0) as List;
        expect(again.isSame(inner)).toBe(true);
        again.release();
      },
      { heap },
    );
    expect(list.toArray()).toEqual([['inner'], 'text', 'scratch']);
    list.clear();
    expect([heap.stats().blocks, heap.check()]).toEqual([2, true]);
  });

  test('cannot be made when it has ended', () => {
    using heap = new RcHeap();
    const allocator = new AutomaticAllocator(heap);
    using interner = new Interner({ allocator });
    allocator.dispose();
    refusal(() => RcString.from('text', { allocator }), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => List.create({ allocator }), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => CowArray.of(Uint8Array, 1, { allocator }), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => new StringBuilder({ allocator }).append('text'), 'ERR_FREEHOLD_DISPOSED');
    refusal(() => interner.intern('text'), 'ERR_FREEHOLD_DISPOSED');
    expect(heap.stats().blocks).toBe(0);
  });

  test('is refused also where a wrapper stands between', () => {
    using heap = new RcHeap();
    const scope = new AutomaticAllocator(heap);
    const string = RcString.from('text', { allocator: limited(scope, 1000) });
    scope.dispose();
    const others = Array.from({ length: 100 }, () => heap.allocHandle(16));
    refusal(() => string.toString(), 'ERR_FREEHOLD_USE_AFTER_FREE');
    string.release();
    expect(heap.stats().blocks).toBe(100);
    for (const each of others) heap.release(each);
  });
});
