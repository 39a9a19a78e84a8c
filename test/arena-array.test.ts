import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Arena, type TypedArrayConstructor } from 'freehold';
import { refusal } from './lib/codes.ts';
import { dirtyArena } from './lib/memory.ts';

const CLASSES: readonly TypedArrayConstructor[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  // Node 24 has it, and these types do not know it.
  ...('Float16Array' in globalThis
    ? [(globalThis as unknown as { Float16Array: TypedArrayConstructor }).Float16Array]
    : []),
];

describe.each(CLASSES.map((each) => [each.name, each] as const))('array(%s)', (_name, constructor) => {
  test('is zeroed, of the length asked for, and in the arena', () => {
    const arena = dirtyArena({ reset: 'reuse' });
    const array = arena.array(constructor, 100);
    expect(Object.getPrototypeOf(array)).toBe(constructor.prototype);
    expect(array.length).toBe(100);
    expect(
      Array.from(array as Iterable<number | bigint>).every((element) => element === 0 || element === 0n),
    ).toBe(true);
    expect(arena.owns(array)).toBe(true);
    expect(arena.used).toBe(100 * constructor.BYTES_PER_ELEMENT);
  });

  test('stands where its elements may, also behind an odd block', () => {
    const arena = new Arena();
    arena.alloc(3, 1);
    expect(arena.array(constructor, 2).byteOffset % constructor.BYTES_PER_ELEMENT).toBe(0);
  });

  test('ends with the reset', () => {
    const arena = new Arena();
    const array = arena.array(constructor, 10);
    arena.reset();
    expect(array.length).toBe(0);
  });

  test('may be empty, and may stand alone in a chunk', () => {
    const arena = new Arena();
    expect(arena.array(constructor, 0).length).toBe(0);
    const array = arena.array(constructor, 1_000_000);
    expect([array.length, array.at(-1)]).toEqual([1_000_000, array[0]]);
  });
});

describe('array', () => {
  test('refuses lengths that are none, and says so', () => {
    const arena = new Arena();
    for (const length of [-1, 0.5, NaN, '8', 8n, undefined]) {
      const error = refusal(() => arena.array(Float64Array, length as number), 'ERR_FREEHOLD_INVALID_SIZE');
      expect(error.message).toContain('length');
    }
    const error = refusal(() => arena.array(Float64Array, 2 ** 52), 'ERR_FREEHOLD_INVALID_SIZE');
    expect(error.message).toContain('length in bytes');
    expect(arena.used).toBe(0);
  });

  test('refuses what is no typed array class of this realm', () => {
    const arena = new Arena();
    const others = [
      Buffer,
      DataView,
      Array,
      Object,
      {},
      null,
      undefined,
      'Float64Array',
      class extends Uint8Array {},
    ];
    for (const constructor of [...others, runInNewContext('Float64Array')]) {
      const error = refusal(
        () => arena.array(constructor as TypedArrayConstructor, 1),
        'ERR_FREEHOLD_INVALID_ARGUMENT',
      );
      expect(error.message).toContain('Float64Array');
    }
  });

  test('over the limit is refused as blocks are', () => {
    const arena = new Arena({ limitBytes: 100 });
    refusal(() => arena.array(Float64Array, 13), 'ERR_FREEHOLD_LIMIT');
    expect(arena.array(Float64Array, 12).length).toBe(12);
  });
});

test('free of an array keeps its bytes, and of one whose memory is gone is refused', () => {
  using arena = new Arena();
  const array = arena.array(Float32Array, 4);
  const bytes = arena.array(Uint8Array, 16);
  const { used } = arena;
  arena.free(bytes);
  arena.free(array);
  expect(arena.used).toBe(used);
  arena.reset();
  refusal(() => arena.free(array), 'ERR_FREEHOLD_USE_AFTER_FREE');
});
