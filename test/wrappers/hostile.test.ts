import { describe, expect, test } from 'vitest';
import { type Allocator, Arena, Wrapper, failing, fallback, limited, logging, tracking } from 'freehold';
import { refusal } from '../lib/codes.ts';
import { Plain } from './lib/allocators.ts';

const wrappers: [string, (inner: Allocator) => Wrapper][] = [
  ['limited', (inner) => limited(inner, 1 << 20)],
  ['failing', (inner) => failing(inner)],
  ['fallback (first)', (inner) => fallback(inner, new Plain())],
  ['fallback (second)', (inner) => fallback(Object.assign(new Plain(), { largest: -1 }), inner)],
  ['tracking', (inner) => tracking(inner)],
  ['logging', (inner) => logging(inner, () => {})],
];

describe.each(wrappers)('%s over an allocator that is not ours', (_name, wrap) => {
  const other = new Arena().alloc(64);
  const garbage: [string, unknown][] = [
    ['undefined', undefined],
    ['a number', 64],
    ['an ordinary Buffer', Buffer.alloc(64)],
    ['a shorter block', other.allocator.alloc(63)],
    ['a longer block', other.allocator.alloc(65)],
    ['what only inherits from a block', Object.create(other)],
    ['a proxy of a block', new Proxy(other, {})],
    [
      'a block whose length lies',
      Object.defineProperty(other.allocator.alloc(8), 'byteLength', { value: 64 }),
    ],
  ];

  test.each(garbage)('says so when that returns %s, and stays usable', (_what, value) => {
    const base = new Plain();
    const wrapper = wrap(base);
    const kept = wrapper.alloc(8);
    const liar = {
      alloc: () => value,
      allocUnsafe: () => value,
      tryAlloc: () => value,
      realloc: () => value,
    };
    Object.assign(base, liar);
    for (const ask of [
      () => wrapper.alloc(64),
      () => wrapper.allocUnsafe(64),
      () => wrapper.tryAlloc(64),
      () => wrapper.realloc(kept, 64),
      () => wrapper.array(Int8Array, 64),
    ]) {
      const { message } = refusal(ask, 'ERR_FREEHOLD_INVALID_ARGUMENT');
      expect(message).toContain('an allocator returns a Block of the length asked for');
    }
    for (const name of ['alloc', 'allocUnsafe', 'tryAlloc', 'realloc'] as const) {
      Reflect.deleteProperty(base, name);
    }
    expect([wrapper.owns(kept), kept.allocator === wrapper]).toEqual([true, true]);
    wrapper.free(wrapper.realloc(kept, 16));
    wrapper.free(wrapper.alloc(64));
    expect(base.live.size).toBe(0);
  });

  test('frees a block once although that frees it again while it does', () => {
    const codes: unknown[] = [];
    const base = new Plain();
    const wrapper = wrap(base);
    base.free = (view) => {
      try {
        wrapper.free(view);
      } catch (error) {
        codes.push((error as { code: unknown }).code);
      }
      Plain.prototype.free.call(base, view);
    };
    wrapper.free(wrapper.alloc(8));
    expect([codes, base.live.size]).toEqual([['ERR_FREEHOLD_DOUBLE_FREE'], 0]);
  });

  test('reads the inner allocator through proxies and getters as it is at each call', () => {
    const base = new Plain();
    let reads = 0;
    const spied = new Proxy(base, {
      get(target, key) {
        reads++;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const wrapper = wrap(spied);
    const block = wrapper.alloc(8);
    expect(block.allocator === wrapper).toBe(true);
    block[Symbol.dispose]();
    expect([base.live.size, reads > 0]).toEqual([0, true]);
  });

  test('does not look at what the program put on a block', () => {
    const wrapper = wrap(new Arena());
    const block = wrapper.copy(Buffer.from('content'));
    for (const name of ['byteLength', 'byteOffset', 'buffer', 'length', 'allocator', 'set', 'fill']) {
      Object.defineProperty(block, name, { get: () => expect.unreachable(name) });
    }
    const moved = wrapper.realloc(block, 100);
    expect(moved.toString('latin1', 0, 7)).toBe('content');
    refusal(() => wrapper.free(block), 'ERR_FREEHOLD_DOUBLE_FREE');
  });
});

describe('what is no allocator', () => {
  const makers: [string, (inner: Allocator) => unknown][] = [
    ...wrappers,
    ['fallback, as the second', (inner) => fallback(new Arena(), inner)],
  ];
  test.each(makers)('is refused by %s, which says what is missing', (_name, wrap) => {
    for (const value of [undefined, null, 5, 'arena', {}, [], Arena]) {
      refusal(() => wrap(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    }
    const { message } = refusal(
      () => wrap(Object.assign(new Plain(), { owns: undefined })),
      'ERR_FREEHOLD_INVALID_ARGUMENT',
    );
    expect(message).toMatch(/must be an allocator, but has no owns\(\)$/);
  });

  test('finds no way around the makers', () => {
    const made = (layer: unknown): unknown => Reflect.construct(Wrapper, [layer, false]);
    for (const layer of [undefined, null, {}, 5]) refusal(() => made(layer), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    const fake = Object.create(limited(new Arena(), 100)) as Wrapper;
    refusal(() => fake.alloc(8), 'ERR_FREEHOLD_INVALID_RECEIVER');
    refusal(() => fake.name, 'ERR_FREEHOLD_INVALID_RECEIVER');
  });
});
