import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, Heap, RcHeap, RcString, TrackingAllocator, defaultRcHeap } from 'freehold';
import { collectUntil } from '../lib/collect.ts';
import { refusal } from '../lib/codes.ts';
import { grounds } from './lib/allocators.ts';

const INVALID = 'ERR_FREEHOLD_INVALID_ARGUMENT';
const TEXTS = [
  '',
  'a',
  'key=value',
  'h\u00e9llo w\u00f6rld',
  '\u20ac',
  '\u{1f600}\u{1f4a9}',
  'nul\0within\0',
  '\0',
  '\ufeffbom',
  'x'.repeat(6000),
];

describe.each(grounds)('over %s', (_name, make) => {
  test.each(TEXTS)('a string is the text that it was made of (%#)', (text) => {
    const ground = make();
    const { allocator } = ground;
    const utf8 = Buffer.from(text);
    for (const source of [
      text,
      utf8,
      new Uint8Array(utf8).buffer,
      new DataView(new Uint8Array(utf8).buffer),
    ]) {
      using string = RcString.from(source, { allocator });
      expect(string.toString()).toBe(text);
      expect([string.length, string.refCount]).toEqual([utf8.length, 1]);
      expect(string.bytes.equals(utf8)).toBe(true);
      expect(string.allocator).toBe(allocator);
      expect([JSON.stringify(string), inspect(string)]).toEqual([
        JSON.stringify(text),
        `RcString(${inspect(text)})`,
      ]);
    }
    ground.assertEmpty();
  });

  test('copies and slices share the block until the last of them is released', () => {
    const ground = make();
    const string = RcString.from('key=v\u00e4rde;', { allocator: ground.allocator });
    const copy = string.copy();
    const value = string.slice(4, 10);
    const part = value.slice(1, 3);
    expect([copy, value, part].map(String)).toEqual(['key=v\u00e4rde;', 'v\u00e4rde', '\u00e4']);
    expect([string.refCount, part.refCount]).toEqual([4, 4]);
    expect([value.address - string.address, part.address - string.address]).toEqual([4n, 5n]);
    expect(copy.handle).toBe(string.handle);
    string.release();
    copy.release();
    value.release();
    expect([String(part), part.refCount]).toEqual(['\u00e4', 1]);
    part.release();
    ground.assertEmpty();
  });

  test('strings compare by their code points', () => {
    const ground = make();
    const texts = ['', 'a', 'ab', 'b', 'z', '\u00e9', '\uffff', '\u{10000}'];
    const strings = texts.map((text) => RcString.from(text, { allocator: ground.allocator }));
    for (const [i, left] of strings.entries()) {
      for (const [j, right] of strings.entries()) {
        expect(left.compare(right)).toBe(Math.sign(i - j));
        expect(left.equals(right)).toBe(i === j);
        expect(left.equals(texts[j])).toBe(i === j);
      }
      const same = RcString.from(texts[i], { allocator: ground.allocator });
      expect([left.equals(same), left.compare(same), left.equals(left)]).toEqual([true, 0, true]);
      same.release();
    }
    for (const string of strings) string.release();
    ground.assertEmpty();
  });

  test('what was released is refused, and so is a second release', () => {
    const ground = make();
    const string = RcString.from('text', { allocator: ground.allocator });
    const other = string.copy();
    string.release();
    for (const use of [
      () => string.toString(),
      () => string.length,
      () => string.bytes,
      () => string.address,
      () => string.handle,
      () => string.refCount,
      () => string.allocator,
      () => string.copy(),
      () => string.slice(0),
      () => string.equals('text'),
      () => string.compare(other),
      () => other.compare(string),
      () => other.equals(string),
    ])
      refusal(use, 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => string.release(), 'ERR_FREEHOLD_DOUBLE_FREE');
    string[Symbol.dispose]();
    expect(inspect(string)).toBe('RcString { released }');
    expect(other.refCount).toBe(1);
    other.release();
    ground.assertEmpty();
  });

  test('after the end of the allocator it is refused, and its release does nothing', () => {
    const { allocator } = make();
    const string = RcString.from('text', { allocator });
    const { bytes } = string;
    if (allocator instanceof TrackingAllocator)
      refusal(() => allocator[Symbol.dispose](), 'ERR_FREEHOLD_LEAK');
    else allocator[Symbol.dispose]();
    // What a wrapper that was disposed has handed out stays valid.
    if (bytes.length > 0) return;
    refusal(() => string.toString(), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => string.copy(), 'ERR_FREEHOLD_USE_AFTER_FREE');
    expect(inspect(string)).toBe('RcString { gone }');
    string.release();
    refusal(() => string.release(), 'ERR_FREEHOLD_DOUBLE_FREE');
  });
});

describe('a string', () => {
  test('is by default of a heap of the thread that frees it', () => {
    const before = defaultRcHeap().stats().blocks;
    {
      using string = RcString.from('text');
      expect(string.allocator).toBe(defaultRcHeap());
      expect(defaultRcHeap().stats().blocks).toBe(before + 1);
    }
    expect(defaultRcHeap().stats().blocks).toBe(before);
    defaultRcHeap().dispose();
    RcString.from('again').release();
    expect(defaultRcHeap().disposed).toBe(false);
  });

  test('has the layout that is documented for C', () => {
    using heap = new RcHeap();
    using string = RcString.from('\u20acuro\0', { allocator: heap });
    const block = heap.view(string.handle);
    expect([...block]).toEqual([7, 0, 0, 0, 0xe2, 0x82, 0xac, 0x75, 0x72, 0x6f, 0, 0]);
    expect(string.address).toBe(block.address + 4n);
  });

  test('of lone surrogates has U+FFFD in their place', () => {
    for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800', '\ud83d\ude00\ud83d']) {
      using string = RcString.from(text);
      expect(string.toString()).toBe(Buffer.from(text).toString());
      expect(string.equals(text)).toBe(false);
    }
  });

  test('is never made of bytes that are not UTF-8, and nothing is left of it', () => {
    using heap = new RcHeap();
    using arena = new Heap();
    for (const allocator of [heap, arena])
      for (const bytes of [
        [0x80],
        [0xc3],
        [0xc0, 0x80],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0x61, 0xff],
      ])
        refusal(() => RcString.from(new Uint8Array(bytes), { allocator }), INVALID);
    expect([heap.stats().blocks, arena.stats().blocks]).toEqual([0, 0]);
  });

  test('of more than 32 KiB, whose block has pages of its own, is like any other', () => {
    using heap = new RcHeap();
    const text = '\u00e4\u{1f600}'.repeat(100_000);
    const string = RcString.from(text, { allocator: heap });
    const half = string.slice(300_000);
    string.release();
    expect([half.length, half.equals(text.slice(150_000))]).toEqual([300_000, true]);
    half.release();
    expect([heap.stats().blocks, heap.stats().bytes]).toEqual([0, 0]);
  });

  test('of 4 GiB or more is refused before anything is allocated', () => {
    using heap = new RcHeap();
    const bytes = new Uint8Array(2 ** 32);
    refusal(() => RcString.from(bytes, { allocator: heap }), 'ERR_FREEHOLD_INVALID_SIZE');
    expect(heap.stats().bytesReserved).toBe(0);
  });

  test('keeps its own bytes when what it was made of changes', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(0x61);
    using string = RcString.from(shared);
    shared.fill(0x62);
    expect(string.toString()).toBe('aaa');
  });

  test('ends with the reset of its arena, and a later release does nothing', () => {
    using arena = new Arena();
    using string = RcString.from('text', { allocator: arena });
    using part = string.slice(1);
    arena.reset();
    const next = arena.alloc(64).fill(1);
    refusal(() => String(string), 'ERR_FREEHOLD_USE_AFTER_FREE');
    part.release();
    string.release();
    expect(next.every((byte) => byte === 1)).toBe(true);
  });

  test('that a program drops is released when it was collected; its bytes keep it', async () => {
    using heap = new RcHeap();
    const kept: { bytes?: Buffer } = { bytes: RcString.from('text', { allocator: heap }).bytes };
    RcString.from('other', { allocator: heap });
    await collectUntil(() => heap.stats().blocks === 1);
    expect([kept.bytes!.toString(), heap.stats().blocks]).toEqual(['text', 1]);
    delete kept.bytes;
    await collectUntil(() => heap.stats().blocks === 0);
    expect([heap.stats().blocks, heap.stats().dropped]).toEqual([0, 2]);
  });

  test('goes through handles and back', () => {
    using heap = new RcHeap();
    const string = RcString.from('text', { allocator: heap });
    heap.retain(string.handle);
    const { handle } = string;
    string.release();
    using again = RcString.adopt(heap, handle);
    expect([String(again), again.refCount]).toEqual(['text', 1]);
    const other = heap.allocHandle(16);
    heap.view(other).fill(0xff);
    refusal(() => RcString.adopt(heap, other), INVALID);
    heap.release(other);
    refusal(() => RcString.adopt(heap, other), 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => RcString.adopt(new Arena() as never, handle), INVALID);
  });

  test('can be referred to by a block of its heap, which keeps it', () => {
    using heap = new RcHeap();
    const block = heap.alloc(8, { refs: 1 });
    const string = RcString.from('text', { allocator: heap });
    heap.setRef(block.handle, 0, string.handle);
    string.release();
    using found = RcString.adopt(heap, heap.getRef(block.handle, 0));
    expect([String(found), found.refCount]).toEqual(['text', 2]);
    block.release();
  });
});

describe('a slice', () => {
  test('of any two boundaries of characters is the text between, and of others refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.nat(40), fc.nat(40), (text, a, b) => {
        using string = RcString.from(text);
        const utf8 = Buffer.from(text);
        const within = (at: number): boolean => at < utf8.length && (utf8[at] & 0xc0) === 0x80;
        if (a > b || b > utf8.length || within(a) || within(b)) refusal(() => string.slice(a, b), INVALID);
        else {
          using part = string.slice(a, b);
          expect(part.toString()).toBe(utf8.toString('utf8', a, b));
          expect(part.length).toBe(b - a);
        }
        expect(string.refCount).toBe(1);
      }),
    );
  });

  test('of what is no whole number is refused', () => {
    using string = RcString.from('text');
    for (const none of [-1, 0.5, NaN, '0', null, undefined] as never[])
      refusal(() => string.slice(none), 'ERR_FREEHOLD_INVALID_SIZE');
    for (const none of [-1, 0.5, '0', null] as never[])
      refusal(() => string.slice(0, none), 'ERR_FREEHOLD_INVALID_SIZE');
    for (const [begin, end] of [
      [2, 1],
      [0, 5],
      [5, 5],
    ])
      refusal(() => string.slice(begin, end), INVALID);
    expect(string.refCount).toBe(1);
  });
});

describe('arguments and receivers', () => {
  test('that are no texts, bytes, options or strings are refused', () => {
    for (const none of [undefined, null, 7, {}, [], Symbol()] as never[]) {
      refusal(() => RcString.from(none), INVALID);
      using string = RcString.from('');
      refusal(() => string.equals(none), INVALID);
      refusal(() => string.compare(none), INVALID);
    }
    for (const options of [
      null,
      7,
      { alocator: defaultRcHeap() },
      { allocator: {} },
      { allocator: null },
    ] as never[])
      refusal(() => RcString.from('', options), INVALID);
    expect(refusal(() => RcString.from('', { alocator: 1 } as never), INVALID).message).toContain(
      "'allocator'",
    );
    refusal(() => new RcString({} as never, 0, 0), INVALID);
    expect(defaultRcHeap().stats().blocks).toBe(0);
  });

  test('of other kinds give ERR_FREEHOLD_INVALID_RECEIVER', () => {
    for (const [name, { value, get }] of Object.entries(
      Object.getOwnPropertyDescriptors(RcString.prototype),
    )) {
      if (name === 'constructor') continue;
      for (const none of [{}, null, RcString.prototype])
        refusal(
          () => Reflect.apply((get ?? value) as () => unknown, none, ['']),
          'ERR_FREEHOLD_INVALID_RECEIVER',
        );
    }
  });
});
