import { describe, expect, test } from 'vitest';
import {
  AutomaticAllocator,
  CowArray,
  Interner,
  List,
  RcHeap,
  RcString,
  StringBuilder,
  auto,
  limited,
} from 'freehold';
import { refusal } from '../lib/codes.ts';

describe('what a scope of auto() has made', () => {
  test('is released at its end, and refused from then on', () => {
    using heap = new RcHeap();
    const [string, copy, list, array, builder] = auto(
      (allocator) => {
        const text = RcString.from('text', { allocator });
        const values = List.from([1, text, 'other'], { allocator });
        values.push(values);
        for (let each = 0; each < 50; each++) values.push(String(each));
        return [
          text,
          text.copy(),
          values,
          CowArray.of(Uint8Array, 10, { allocator }),
          new StringBuilder({ allocator }).append('text'),
        ] as const;
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
