import { describe, expect, test } from 'vitest';
import { Arena, memoryStats } from 'freehold';
import { refusal } from './lib/codes.ts';

describe('dispose', () => {
  test.each(['dispose', Symbol.dispose] as const)(
    'by %o ends every view and gives all memory back',
    (way) => {
      const arena = new Arena();
      const before = memoryStats().arenas.count;
      const blocks = [arena.alloc(16), arena.alloc(1_000_000)];
      arena[way]();
      expect(blocks.map((block) => block.length)).toEqual([0, 0]);
      expect(arena.disposed).toBe(true);
      expect(memoryStats().arenas.count).toBe(before - 1);
    },
  );

  test('may be called again, with whatever', () => {
    const arena = new Arena();
    arena.dispose();
    arena.dispose();
    arena.dispose({ mode: 'orphan' });
    arena[Symbol.dispose]();
  });

  test('in mode orphan leaves the views as they are', () => {
    const arena = new Arena();
    const block = arena.alloc(16).fill(1);
    arena.dispose({ mode: 'orphan' });
    expect([...block]).toEqual(new Array(16).fill(1));
    expect([arena.owns(block), arena.stats().orphanings]).toEqual([false, 1]);
  });

  test('in mode reuse leaves the views to the collector, too: nobody reuses their memory', () => {
    const arena = new Arena();
    const block = arena.alloc(16).fill(1);
    arena.dispose({ mode: 'reuse' });
    new Arena().alloc(60_000).fill(2);
    expect([...block]).toEqual(new Array(16).fill(1));
  });

  test('refuses options that it does not know', () => {
    const arena = new Arena();
    refusal(() => arena.dispose({ mod: 'orphan' } as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => arena.dispose({ mode: 'gone' as never }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(arena.disposed).toBe(false);
  });
});

describe('a disposed arena', () => {
  const uses: [string, (arena: Arena) => unknown][] = [
    ['alloc', (arena) => arena.alloc(8)],
    ['alloc of nothing', (arena) => arena.alloc(0)],
    ['allocUnsafe', (arena) => arena.allocUnsafe(8)],
    ['tryAlloc', (arena) => arena.tryAlloc(8)],
    ['bump', (arena) => arena.bump(8)],
    ['buffer', (arena) => arena.buffer],
    ['array', (arena) => arena.array(Uint8Array, 8)],
    ['copy', (arena) => arena.copy(Buffer.from('a'))],
    ['string', (arena) => arena.string('a')],
    ['cString', (arena) => arena.cString('a')],
    ['mark', (arena) => arena.mark()],
    ['reset', (arena) => arena.reset()],
    ['reset with options', (arena) => arena.reset({ mode: 'reuse' })],
    ['trim', (arena) => arena.trim()],
    ['pin', (arena) => arena.pin()],
  ];
  test.each(uses)('refuses %s', (_name, use) => {
    const arena = new Arena({ name: 'over' });
    arena.alloc(8);
    arena.dispose();
    const { message } = refusal(() => use(arena), 'ERR_FREEHOLD_DISPOSED');
    expect(message).toContain('"over"');
  });

  test('still says what it was', () => {
    const arena = new Arena({ name: 'over', limitBytes: 1000 });
    const block = arena.alloc(8);
    arena.reset();
    arena.dispose();
    expect([arena.name, arena.used, arena.limit, arena.owns(block)]).toEqual(['over', 0, 1000, false]);
    expect(arena.stats()).toEqual({
      kind: 'arena',
      name: 'over',
      bytesUsed: 0,
      bytesReserved: 0,
      bytesPeak: 0,
      bytesLimit: 1000,
      chunks: 0,
      resets: 1,
      orphanings: 0,
      pins: 0,
    });
  });
});

describe('a method on what is no arena', () => {
  const names = Object.getOwnPropertyNames(Arena.prototype).filter(
    (name) => !['constructor', 'pinned', 'toJSON'].includes(name),
  );
  test.each(names)('%s is refused', (name) => {
    const { get, set, value } = Object.getOwnPropertyDescriptor(Arena.prototype, name)!;
    for (const receiver of [
      {},
      null,
      undefined,
      1,
      Arena.prototype,
      Object.create(Arena.prototype),
      new Proxy(new Arena(), {}),
    ]) {
      for (const member of [get, set, value].filter((each) => each !== undefined)) {
        refusal(() => Reflect.apply(member, receiver, [8]), 'ERR_FREEHOLD_INVALID_RECEIVER');
      }
    }
  });
});
