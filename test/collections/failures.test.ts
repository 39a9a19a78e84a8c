import { describe, expect, test } from 'vitest';
import {
  type Allocator,
  CowArray,
  type FreeholdError,
  Heap,
  Interner,
  List,
  RcHeap,
  RcString,
  StringBuilder,
  checkAllAllocationFailures,
} from 'freehold';

/** A program that makes some of everything, and gives it all back, whatever fails. */
const programs: Record<string, (allocator: Allocator) => void> = {
  strings(allocator) {
    using string = RcString.from('a string', { allocator });
    using part = string.slice(2);
    using other = RcString.from(Buffer.from('bytes'), { allocator });
    expect([String(part), String(other)]).toEqual(['string', 'bytes']);
  },
  builders(allocator) {
    using builder = new StringBuilder({ allocator });
    for (let each = 0; each < 100; each++) builder.append('text').append(each);
    using string = builder.toRcString();
    expect(string.length).toBe(590);
  },
  arrays(allocator) {
    using array = CowArray.of(Float64Array, 20, { allocator });
    using copy = array.copy();
    copy.set(0, 1);
    expect([array.get(0), copy.get(0)]).toEqual([0, 1]);
  },
  lists(allocator) {
    using list = List.from([1, 'two'], { allocator });
    {
      using inner = List.from(['inner'], { allocator });
      list.push(inner);
    }
    for (let each = 0; each < 20; each++) list.push(`text ${each}`);
    list.set(0, 'one');
    expect(list.toArray().slice(0, 4)).toEqual(['one', 'two', ['inner'], 'text 0']);
  },
  interners(allocator) {
    using interner = new Interner({ allocator });
    using one = interner.intern('text');
    using two = interner.intern('text');
    using other = interner.intern('other');
    expect([one.equals(two), one.equals(other)]).toEqual([true, false]);
  },
};

describe.each(Object.entries(programs))('%s', (_name, program) => {
  test('lose nothing, whichever request for memory fails', () => {
    const { requests } = checkAllAllocationFailures(() => new Heap(), program);
    expect(requests).toBeGreaterThan(1);
  });

  test('over an RcHeap lose nothing, whatever its limit', () => {
    let failures = 0;
    for (let limitBytes = 0; limitBytes < 4000; limitBytes += 16) {
      using heap = new RcHeap({ limitBytes });
      try {
        program(heap);
      } catch (error) {
        expect((error as FreeholdError).code).toBe('ERR_FREEHOLD_LIMIT');
        failures++;
      }
      expect([heap.stats().blocks, heap.stats().edges, heap.check()]).toEqual([0, 0, true]);
    }
    expect(failures).toBeGreaterThan(1);
    expect(failures).toBeLessThan(250);
  });
});
