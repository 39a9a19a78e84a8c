import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, Heap, RcHeap, RcString, StringBuilder, defaultRcHeap, limited } from 'freehold';
import { refusal } from '../lib/codes.ts';
import { grounds } from './lib/allocators.ts';

const INVALID = 'ERR_FREEHOLD_INVALID_ARGUMENT';

// Texts whose surrogates need not be in pairs, so that pairs meet over two appends.
const text = fc.string({
  unit: fc.constantFrom('a', '\0', '\u00e9', '\u20ac', '\u{1f600}', '\ud83d', '\ude00'),
  maxLength: 8,
});
const part = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: fc.oneof(fc.double(), fc.integer(), fc.bigInt()) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }).map((each) => Buffer.from(each)) },
  { weight: 1, arbitrary: fc.constantFrom('clear' as const, 'itself' as const, 'string' as const) },
);

describe.each(grounds)('over %s', (_name, make) => {
  test('no program of appends makes a text differ from what + makes, and nothing is left of it', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const ground = make();
        const { allocator } = ground;
        const builder = new StringBuilder({ allocator });
        // What was appended as bytes does not join with halves of pairs: it is kept apart by what stays of them.
        let expected = '';
        const settled = (): string => Buffer.from(expected).toString();
        for (const each of parts) {
          if (each === 'clear') {
            builder.clear();
            expected = '';
          } else if (each === 'itself') {
            if (expected.length > 500) continue;
            expected = settled() + settled();
            builder.append(builder.bytes);
          } else if (each === 'string') {
            using string = builder.toRcString();
            expect(string.toString()).toBe(settled());
            if (expected.length > 500) continue;
            expected = settled() + settled();
            builder.append(string);
          } else if (each instanceof Uint8Array) {
            if (each.length > 0) expected = settled() + each.toString();
            builder.append(each);
          } else {
            builder.append(each);
            expected += String(each);
          }
          expect(builder.toString()).toBe(settled());
          expect(builder.length).toBe(Buffer.byteLength(settled()));
          expect(builder.capacity).toBeGreaterThanOrEqual(builder.length);
        }
        builder.dispose();
        ground.assertEmpty();
        allocator[Symbol.dispose]();
      }),
      { numRuns: 80 },
    );
  });
});

describe('a builder', () => {
  test('takes twice the room when there is too little, and none before it needs some', () => {
    using heap = new RcHeap();
    using builder = new StringBuilder({ allocator: heap });
    expect([builder.capacity, builder.length, String(builder), heap.stats().blocks]).toEqual([0, 0, '', 0]);
    expect([builder.address, builder.bytes.length]).toEqual([0n, 0]);
    const capacities = new Set<number>();
    for (let each = 0; each < 1000; each++) capacities.add(builder.append('x').capacity);
    expect([...capacities]).toEqual([64, 128, 256, 512, 1024]);
    expect(builder.append('y'.repeat(5000)).capacity).toBe(6000);
    expect(heap.stats().blocks).toBe(1);
    expect(builder.clear().capacity).toBe(6000);
    expect([builder.length, String(builder)]).toEqual([0, '']);
    expect(builder.reserve(7000).capacity).toBe(12_000);
  });

  test('grows in place at the end of an arena', () => {
    using arena = new Arena();
    using builder = new StringBuilder({ allocator: arena, capacity: 16 });
    const before = builder.append('x').bytes.byteOffset;
    builder.append('y'.repeat(1000));
    expect(builder.bytes.byteOffset).toBe(before);
  });

  test('joins the halves of a surrogate pair, and has U+FFFD for one alone', () => {
    using builder = new StringBuilder();
    builder.append('\ud83d');
    expect([builder.toString(), builder.length]).toEqual(['\ufffd', 3]);
    builder.append('').append('\ude00');
    expect([builder.toString(), builder.length]).toEqual(['\u{1f600}', 4]);
    builder
      .append('\ude00')
      .append('\ud83d')
      .append(Buffer.from(''))
      .append('\ude00')
      .append('\ud83d')
      .append(1);
    expect(builder.toString()).toBe('\u{1f600}\ufffd\u{1f600}\ufffd1');
    builder.clear().append('\ud83d').clear().append('\ude00');
    expect(builder.toString()).toBe('\ufffd');
  });

  test('gives strings that do not change with it', () => {
    using heap = new RcHeap();
    const builder = new StringBuilder({ allocator: heap }).append('first');
    const string = builder.toRcString();
    expect(string.allocator).toBe(heap);
    builder.clear().append('other');
    builder.dispose();
    expect(string.toString()).toBe('first');
    string.release();
    expect(heap.stats().blocks).toBe(0);
  });

  test('refuses bytes that are not UTF-8 and what is no text, and is as it was', () => {
    using heap = new RcHeap();
    using builder = new StringBuilder({ allocator: heap }).append('\ud83d');
    for (const none of [
      Buffer.from([0xff]),
      Buffer.from([0xe2, 0x82]),
      undefined,
      null,
      {},
      [],
      true,
      Symbol(),
    ] as never[])
      refusal(() => builder.append(none), INVALID);
    for (const none of [-1, 0.5, NaN, '1', undefined] as never[])
      refusal(() => builder.reserve(none), 'ERR_FREEHOLD_INVALID_SIZE');
    builder.append('\ude00');
    expect(builder.toString()).toBe('\u{1f600}');
    refusal(() => new StringBuilder({ capacity: -1 }), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => new StringBuilder({ size: 1 } as never), INVALID);
  });

  test('is as it was when there is no memory for more', () => {
    for (const allocator of [limited(new Heap(), 200), new RcHeap({ limitBytes: 300 })]) {
      const builder = new StringBuilder({ allocator }).append('x'.repeat(60)).append('\ud83d');
      refusal(() => builder.append('y'.repeat(400)), 'ERR_FREEHOLD_LIMIT');
      refusal(() => builder.reserve(2 ** 53 - 1), 'ERR_FREEHOLD_INVALID_SIZE');
      expect(builder.append('\ude00').toString()).toBe(`${'x'.repeat(60)}\u{1f600}`);
      builder.dispose();
      expect(allocator.stats().blocks).toBe(0);
    }
  });

  test('is refused after its end, and after that of its allocator', () => {
    const builder = new StringBuilder().append('text');
    builder.dispose();
    builder.dispose();
    for (const use of [
      () => builder.append(''),
      () => builder.length,
      () => builder.capacity,
      () => builder.bytes,
      () => builder.address,
      () => builder.allocator,
      () => builder.reserve(0),
      () => builder.clear(),
      () => builder.toString(),
      () => builder.toRcString(),
    ])
      refusal(use, 'ERR_FREEHOLD_DISPOSED');
    expect(inspect(builder)).toBe('StringBuilder { disposed }');
    using arena = new Arena();
    using ended = new StringBuilder({ allocator: arena }).append('text');
    expect(inspect(ended)).toBe('StringBuilder { 4 bytes of 64 }');
    arena.reset();
    for (const use of [
      () => ended.append('more'),
      () => ended.toString(),
      () => ended.bytes,
      () => ended.toRcString(),
    ])
      refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(defaultRcHeap().stats().blocks).toBe(0);
  });

  test('on a receiver of another kind gives ERR_FREEHOLD_INVALID_RECEIVER', () => {
    const members = Object.getOwnPropertyDescriptors(StringBuilder.prototype) as PropertyDescriptorMap;
    for (const key of Reflect.ownKeys(members)) {
      if (key === 'constructor' || key === inspect.custom) continue;
      const { value, get } = members[key as string];
      for (const none of [{}, null, StringBuilder.prototype])
        refusal(
          () => Reflect.apply((get ?? value) as () => unknown, none, ['']),
          'ERR_FREEHOLD_INVALID_RECEIVER',
        );
    }
  });

  test('appends a string of its own memory that is about to move', () => {
    using heap = new Heap();
    using builder = new StringBuilder({ allocator: heap });
    builder.append('0123456789'.repeat(5000)); // Pages of its own, which end when the text moves.
    builder.append(builder.bytes);
    expect(builder.toString()).toBe('0123456789'.repeat(10_000));
    using string = RcString.from('tail', { allocator: heap });
    expect(builder.append(string).toString().endsWith('789tail')).toBe(true);
  });
});
