import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, type ArenaMark, type ArenaOptions, type Block, type ResetMode } from 'freehold';
import { succeed } from '../dist/arena.js';
import { setViewOwner } from '../dist/exposure.js';
import { MAX_RECYCLED_VIEWS } from '../dist/recycled-views.js';
import { collectUntil } from './lib/collect.ts';
import { areApart, canEscape, escape, extent, isZero } from './lib/memory.ts';

// A view is kept once the same was asked for at the same place twice: two frames are the first that can tell.
const FRAMES_TO_LEARN = 2;

/** What a frame gives after the arena has seen enough of its kind; the arena is reset before each. */
function learned<T>(arena: Arena, frame: () => T): T {
  for (let round = 0; round < FRAMES_TO_LEARN; round++) {
    frame();
    arena.reset();
  }
  return frame();
}

function arenaThatReuses(options: ArenaOptions = {}): Arena {
  return new Arena({ initialBytes: 1 << 20, reset: 'reuse', ...options });
}

describe("a frame that asks for what the frames before it did, in mode 'reuse'", () => {
  const frames: [string, (arena: Arena) => Block[]][] = [
    ['allocUnsafe', (arena) => [arena.allocUnsafe(64), arena.allocUnsafe(1000)]],
    ['alloc', (arena) => [arena.alloc(64), arena.alloc(1000)]],
    ['tryAlloc', (arena) => [arena.tryAlloc(64), arena.tryAlloc(1000)] as Block[]],
    ['alloc with an alignment', (arena) => [arena.alloc(64, 256), arena.allocUnsafe(64, 4096)]],
    ['copy and string', (arena) => [arena.copy(new Uint8Array(9)), arena.string('text'), arena.cString('C')]],
    [
      'bump, array and alloc in turn',
      (arena) => {
        arena.bump(24);
        const first = arena.alloc(64);
        arena.array(Float64Array, 3);
        return [first, arena.alloc(64)];
      },
    ],
  ];

  test.each(frames)('gets the same objects, by %s', (_, frame) => {
    const arena = arenaThatReuses();
    const before = learned(arena, () => frame(arena));
    arena.reset();
    const after = frame(arena);
    expect(after.length).toBe(before.length);
    after.forEach((block, index) => expect(block).toBe(before[index]));
    expect(areApart(after)).toBe(true);
  });

  test('gets them zeroed by alloc', () => {
    const arena = arenaThatReuses();
    const before = learned(arena, () => arena.alloc(5000));
    before.fill(0xff);
    arena.reset();
    const after = arena.alloc(5000);
    expect(after).toBe(before);
    expect(isZero(after)).toBe(true);
  });

  test('gets different objects before an arena can know that it is one', () => {
    const arena = arenaThatReuses();
    const first = arena.alloc(64);
    arena.reset();
    expect(arena.alloc(64)).not.toBe(first);
  });

  test('gets them with what the program put on them', () => {
    const arena = arenaThatReuses();
    const block = learned(arena, () => arena.alloc(64));
    Object.assign(block, { label: 'mine' });
    arena.reset();
    expect(arena.alloc(64)).toHaveProperty('label', 'mine');
  });

  test('gets them after reset({ mode: "reuse" }) as well', () => {
    const arena = arenaThatReuses();
    const block = learned(arena, () => arena.alloc(64));
    arena.reset({ mode: 'reuse' });
    expect(arena.alloc(64)).toBe(block);
  });

  test('gets them when it needed several chunks once, and when it frees its last block', () => {
    const arena = arenaThatReuses({ initialBytes: 4096, maxChunkBytes: 4096 });
    const frame = (): Block[] => {
      const blocks = [3000, 3000, 50_000, 100].map((size) => arena.allocUnsafe(size));
      arena.free(arena.allocUnsafe(500));
      return [...blocks, arena.allocUnsafe(500)];
    };
    for (let round = 0; round < 5; round++) {
      frame();
      arena.reset();
    }
    const before = frame();
    arena.reset();
    expect(frame().every((block, index) => block === before[index])).toBe(true);
  });
});

describe('a frame that asks for something else', () => {
  test('gets views of what it asked for', () => {
    const arena = arenaThatReuses();
    learned(arena, () => [16, 32, 48, 64].map((size) => arena.allocUnsafe(size)));
    for (const sizes of [[16, 32, 40, 64], [17], [16, 16, 32, 48], [64, 48, 32, 16], [16, 32, 48, 64, 80]]) {
      arena.reset();
      const blocks = sizes.map((size, index) => arena.allocUnsafe(size).fill(index + 1));
      blocks.forEach((block, index) => {
        expect([block.length, block.every((byte) => byte === index + 1)]).toEqual([sizes[index], true]);
      });
      expect(areApart(blocks)).toBe(true);
    }
  });

  test('gets the old objects for as long as it agrees', () => {
    const arena = arenaThatReuses();
    const [first, second] = learned(arena, () => [arena.allocUnsafe(16), arena.allocUnsafe(32)]);
    arena.reset();
    expect(arena.allocUnsafe(16)).toBe(first);
    expect(arena.allocUnsafe(33)).not.toBe(second);
  });

  test('gets a view of the right memory when the blocks before it are of other sizes', () => {
    const arena = arenaThatReuses();
    learned(arena, () => [arena.allocUnsafe(16), arena.allocUnsafe(64)]);
    arena.reset();
    arena.allocUnsafe(256);
    const begin = arena.buffer;
    const block = arena.allocUnsafe(64);
    expect([block.buffer === begin, block.byteOffset, block.length]).toEqual([true, 256, 64]);
  });
});

describe('a live block is never handed out again', () => {
  test('when the last one is freed: that object may come back, and no other', () => {
    const arena = arenaThatReuses();
    const frame = (): Block[] => [arena.allocUnsafe(64), arena.allocUnsafe(64)];
    const [first, second] = learned(arena, frame);
    arena.free(second);
    expect(arena.allocUnsafe(64)).toBe(second);
    const third = arena.allocUnsafe(64);
    expect(third).not.toBe(first);
    expect(areApart([first, second, third])).toBe(true);
  });

  test('when one that is not the last is freed', () => {
    const arena = arenaThatReuses();
    const frame = (): Block[] => [arena.allocUnsafe(64), arena.allocUnsafe(64)];
    const [first, second] = learned(arena, frame);
    arena.free(first);
    const third = arena.allocUnsafe(64);
    expect([first, second]).not.toContain(third);
    expect(areApart([first, second, third])).toBe(true);
  });

  test('when an arena is pinned: a free gives nothing back then', () => {
    const arena = arenaThatReuses();
    const block = learned(arena, () => arena.allocUnsafe(64));
    using pin = arena.pin();
    arena.free(block);
    expect(arena.allocUnsafe(64)).not.toBe(block);
    pin.release();
  });

  test('when it is reallocated in place', () => {
    const arena = arenaThatReuses();
    const block = learned(arena, () => arena.allocUnsafe(64));
    const grown = arena.realloc(block, 100);
    const next = arena.allocUnsafe(64);
    expect(areApart([grown, next])).toBe(true);
    const shrunk = arena.realloc(next, 10);
    expect(areApart([grown, shrunk, arena.allocUnsafe(64), arena.allocUnsafe(54)])).toBe(true);
  });

  test('when a mark is rewound to: blocks from before it stay, those since come back', () => {
    const arena = arenaThatReuses();
    const kept = arena.allocUnsafe(64).fill(1);
    const mark = arena.mark();
    const since = (): Block[] => [arena.allocUnsafe(64).fill(2), arena.allocUnsafe(32).fill(2)];
    for (let round = 0; round < FRAMES_TO_LEARN; round++) {
      since();
      arena.rewind(mark);
    }
    const before = since();
    arena.rewind(mark);
    const after = since();
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(kept.every((byte) => byte === 1)).toBe(true);
    expect(areApart([kept, ...after])).toBe(true);
  });
});

describe('what a program does to a block', () => {
  const deeds: [string, (block: Block) => void][] = [
    ['properties that lie about it', (block) => lie(block)],
    ['another prototype', (block) => void Object.setPrototypeOf(block, null)],
    ['no extensions', (block) => void Object.preventExtensions(block)],
  ];

  function lie(block: Block): void {
    for (const name of ['length', 'byteLength', 'byteOffset', 'buffer']) {
      Object.defineProperty(block, name, { value: name === 'buffer' ? new ArrayBuffer(8) : 256 });
    }
  }

  test.each(deeds)('gives nobody memory of another block: %s', (_, deed) => {
    const arena = arenaThatReuses();
    learned(arena, () => [arena.allocUnsafe(64), arena.allocUnsafe(64)]).forEach(deed);
    for (const size of [64, 256, 64]) {
      arena.reset();
      const blocks = [arena.allocUnsafe(size), arena.allocUnsafe(64), arena.allocUnsafe(256)];
      // As every view sees it, whatever its own properties say.
      blocks.forEach((block, index) => Uint8Array.prototype.fill.call(block, index + 1));
      const bytes = new Uint8Array(arena.buffer, 0, size + 64 + 256);
      const expected = [size, 64, 256].flatMap((length, index) => new Array<number>(length).fill(index + 1));
      expect([...bytes]).toEqual(expected);
    }
  });

  test.runIf(canEscape)('that transfers its memory away ends every view that was kept', () => {
    const arena = arenaThatReuses();
    const block = learned(arena, () => arena.allocUnsafe(64));
    escape(block.buffer);
    arena.reset();
    for (let round = 0; round < 3; round++) {
      const next = arena.allocUnsafe(64);
      expect([next === block, next.length, arena.owns(next)]).toEqual([false, 64, true]);
      arena.reset();
    }
  });

  test('that a wrapper has put its name on stays with the wrapper', () => {
    const arena = arenaThatReuses();
    const wrapper = new Arena();
    const [named, other] = learned(arena, () => [arena.allocUnsafe(64), arena.allocUnsafe(64)]);
    setViewOwner(named, wrapper as never); // The types of lib/ are not those of dist/.
    arena.reset();
    const next = arena.allocUnsafe(64);
    expect(next.allocator).toBe(arena);
    expect(next).not.toBe(named);
    expect(arena.allocUnsafe(64)).toBe(other);
    setViewOwner(named, undefined);
  });

  test('and that the wrapper gave back first may come again', () => {
    const arena = arenaThatReuses();
    const block = learned(arena, () => arena.allocUnsafe(64));
    setViewOwner(block, new Arena() as never);
    setViewOwner(block, undefined);
    arena.reset();
    expect(arena.allocUnsafe(64)).toBe(block);
    expect(block.allocator).toBe(arena);
  });
});

describe('other modes', () => {
  test.each<ResetMode>(['detach', 'orphan'])('never hand an object out twice: %s', (reset) => {
    const arena = new Arena({ reset });
    const seen = new Set<Block>();
    let count = 0;
    const keep = (block: Block): void => {
      count++;
      seen.add(block);
      arena.free(block);
    };
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 5; index++) keep(arena.allocUnsafe(64));
      const mark = arena.mark();
      keep(arena.alloc(64));
      arena.rewind(mark);
      arena.reset(round % 2 === 0 ? undefined : { mode: 'reuse' });
    }
    expect(seen.size).toBe(count);
  });

  test.each<ResetMode>(['detach', 'orphan'])('given for one reset end what was kept: %s', (mode) => {
    const arena = arenaThatReuses();
    const block = learned(arena, () => arena.allocUnsafe(64).fill(1));
    arena.reset({ mode });
    const next = arena.allocUnsafe(64).fill(2);
    expect(next === block).toBe(false);
    expect(Array.from({ length: block.length }, (_, at) => block[at])).toEqual(
      mode === 'detach' ? [] : new Array(64).fill(1),
    );
    expect([...next]).toEqual(new Array(64).fill(2));
  });
});

describe('what is kept', () => {
  test('is bounded', () => {
    const arena = arenaThatReuses();
    const frame = (): Block[] =>
      Array.from({ length: MAX_RECYCLED_VIEWS + 100 }, () => arena.allocUnsafe(16));
    const before = learned(arena, frame);
    arena.reset();
    const after = frame();
    const same = after.filter((block, index) => block === before[index]).length;
    expect(same).toBe(MAX_RECYCLED_VIEWS);
    expect(areApart(after)).toBe(true);
  });

  test.each<[string, (arena: Arena) => void]>([
    ['dispose', (arena) => arena.dispose()],
    ['a reset that gives the memory back', (arena) => arena.reset({ retain: 'none' })],
    ['a reset that orphans', (arena) => arena.reset({ mode: 'orphan' })],
  ])('is let go by %s', async (_, end) => {
    const arena = arenaThatReuses();
    const blocks = (() => learned(arena, () => [arena.allocUnsafe(64), arena.allocUnsafe(64)]).map(weakly))();
    arena.reset();
    await collectUntil(() => blocks.every((block) => block.deref() === undefined));
    expect(blocks.every((block) => block.deref() !== undefined)).toBe(true);
    end(arena);
    await collectUntil(() => blocks.every((block) => block.deref() === undefined));
    expect(blocks.every((block) => block.deref() === undefined)).toBe(true);
  });
});

test('a view is let go when its place is asked for something else', async () => {
  const arena = arenaThatReuses();
  const block = (() => weakly(learned(arena, () => arena.allocUnsafe(64))))();
  arena.reset();
  arena.allocUnsafe(65);
  await collectUntil(() => block.deref() === undefined);
  expect(block.deref()).toBeUndefined();
  expect(arena.disposed).toBe(false); // The arena is still there: it is not what let go of the view.
});

test('an arena that takes the place of another hands out none of its objects', () => {
  const arena = arenaThatReuses();
  const block = learned(arena, () => arena.allocUnsafe(64));
  const heir = succeed(arena as never); // The types of lib/ are not those of dist/.
  heir.reset();
  expect(heir.allocUnsafe(64)).not.toBe(block);
});

function weakly(block: Block): WeakRef<Block> {
  return new WeakRef(block);
}

// ---- Random programs -----------------------------------------------------------------------------------------------

type Operation =
  | { do: 'alloc' | 'allocUnsafe'; size: number; alignment: number }
  | { do: 'realloc'; which: number; size: number }
  | { do: 'free' | 'rewind'; which: number }
  | { do: 'mark' | 'bump' | 'reset' };

// Few sizes, so that frames resemble each other and views do come back.
const size = fc.constantFrom(0, 1, 16, 32, 48, 64, 1000, 3000);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('alloc' as const, 'allocUnsafe' as const),
      size,
      alignment: fc.constantFrom(16, 16, 16, 8, 64),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('realloc' as const), which: fc.nat(3), size }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('free' as const, 'rewind' as const), which: fc.nat(3) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('mark', 'bump', 'reset') }) },
);

interface Held {
  readonly block: Block;
  readonly value: number;
}

/** The live blocks of an arena in mode `'reuse'`: every one an object of its own, over memory of its own. */
class LiveBlocks {
  #live: Held[] = [];
  #marks: { mark: ArenaMark; live: Held[] }[] = [];
  #value = 0;
  recycled = 0;
  readonly #seen = new Set<Block>();

  step(arena: Arena, operation: Operation): void {
    // The latest come first: they are the ones that can be given back.
    const at = 'which' in operation ? this.#live.length - 1 - operation.which : -1;
    switch (operation.do) {
      case 'alloc':
      case 'allocUnsafe': {
        const block = arena[operation.do](operation.size, operation.alignment);
        if (block.length !== operation.size) throw new Error(`a block of ${block.length} bytes`);
        if (operation.do === 'alloc' && !isZero(block)) throw new Error('not zeroed');
        this.#hold(block);
        return;
      }
      case 'bump':
        arena.bump(40);
        return;
      case 'realloc': {
        if (at < 0) return;
        const [{ block, value }] = this.#live.splice(at, 1);
        const kept = Math.min(block.length, operation.size);
        const moved = arena.realloc(block, operation.size);
        if (moved.subarray(0, kept).some((byte) => byte !== value)) throw new Error('bytes lost by realloc');
        this.#hold(moved);
        return;
      }
      case 'free':
        if (at >= 0) arena.free(this.#live.splice(at, 1)[0].block);
        return;
      case 'mark':
        this.#marks.push({ mark: arena.mark(), live: [...this.#live] });
        return;
      case 'rewind': {
        const index = this.#marks.length - 1 - operation.which;
        if (index < 0) return;
        arena.rewind(this.#marks[index].mark);
        const still = new Set(this.#live);
        this.#live = this.#marks[index].live.filter((each) => still.has(each));
        this.#marks.length = index + 1;
        return;
      }
      case 'reset':
        arena.reset();
        this.#live = [];
        this.#marks = [];
    }
  }

  #hold(block: Block): void {
    if (this.#live.some((each) => each.block === block)) throw new Error('a live block came back');
    if (this.#seen.has(block)) this.recycled++;
    this.#seen.add(block);
    this.#value = (this.#value % 250) + 1;
    this.#live.push({ block: block.fill(this.#value), value: this.#value });
  }

  check(arena: Arena): void {
    if (!areApart(this.#live.map(({ block }) => block))) throw new Error('live blocks overlap');
    for (const { block, value } of this.#live) {
      if (!arena.owns(block)) throw new Error('a live block is not owned');
      if (block.some((byte) => byte !== value)) throw new Error(`bytes of ${String(extent(block))} changed`);
    }
  }
}

test('no program of operations gets a live block, or memory of one, a second time', () => {
  let recycled = 0;
  // A failure prints its seed and the shrunk program: `fc.assert(…, { seed, path })` repeats it.
  fc.assert(
    fc.property(
      fc.constantFrom(4096, 65536),
      fc.array(fc.array(operation, { maxLength: 12, size: 'max' }), { minLength: 1, maxLength: 4 }),
      (initialBytes, frames) => {
        const arena = arenaThatReuses({ initialBytes });
        const live = new LiveBlocks();
        // Each frame several times, and then the others in between: what was learned is right, and then it is wrong.
        for (const frame of [...frames.flatMap((each) => [each, each, each]), ...frames]) {
          for (const each of [...frame, { do: 'reset' } as const]) {
            live.step(arena, each);
            live.check(arena);
          }
        }
        recycled += live.recycled;
        arena.dispose();
      },
    ),
    { numRuns: 400 },
  );
  expect(recycled).toBeGreaterThan(1000); // Or the test has seen nothing.
});
