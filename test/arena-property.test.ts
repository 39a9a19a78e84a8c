import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type ArenaOptions } from 'freehold';
import { ArenaModel } from './lib/arena-model.ts';

type Operation =
  | { do: 'alloc' | 'allocUnsafe' | 'tryAlloc'; size: number; alignment: number }
  | { do: 'realloc'; which: number; size: number }
  | { do: 'free' | 'rewind'; which: number }
  | { do: 'reset'; retain: 'high-water' | 'all' | 'none' | number }
  | { do: 'mark' | 'plainReset' | 'trim' };

// Small sizes often, sizes around chunks and pages sometimes, and now and then one that stands alone.
const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 4000, max: 4200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
);
const alignment = fc.oneof(
  { weight: 5, arbitrary: fc.constant(16) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 13 }).map((exponent) => 2 ** exponent) },
);
const which = fc.nat(20);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constantFrom('alloc', 'allocUnsafe', 'tryAlloc'), size, alignment }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('realloc'), which, size }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('free', 'rewind'), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('mark', 'plainReset', 'trim') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('reset'),
      retain: fc.oneof(fc.constantFrom('high-water', 'all', 'none'), fc.integer({ min: 0, max: 100_000 })),
    }),
  },
);

const options: fc.Arbitrary<ArenaOptions> = fc.record({
  initialBytes: fc.constantFrom(4096, 8192, 65536),
  limitBytes: fc.constantFrom(Infinity, 50_000),
});

/** Runs one operation on the arena and on the model. What a limit refuses must change nothing. */
function step(arena: Arena, model: ArenaModel, operation: Operation): void {
  const live = model.live();
  switch (operation.do) {
    case 'alloc':
    case 'allocUnsafe':
    case 'tryAlloc': {
      const block = unlessRefused(() => arena[operation.do](operation.size, operation.alignment));
      if (block === null) return;
      if (block.length !== operation.size) throw new Error(`a block of ${block.length} bytes`);
      if (block.address % BigInt(operation.alignment) !== 0n) throw new Error(`a block at ${block.address}`);
      if (operation.do !== 'allocUnsafe' && block.some((byte) => byte !== 0)) throw new Error('not zeroed');
      model.hold(block);
      return;
    }
    case 'realloc': {
      if (live.length === 0) return;
      const each = live[operation.which % live.length];
      const block = unlessRefused(() => arena.realloc(each.block, operation.size));
      if (block === null) return;
      const kept = Math.min(each.length, operation.size);
      if (block.subarray(0, kept).some((byte) => byte !== each.value))
        throw new Error('bytes lost by realloc');
      if (block.subarray(kept).some((byte) => byte !== 0)) throw new Error('growth is not zeroed');
      model.free(each);
      model.hold(block);
      return;
    }
    case 'free': {
      if (live.length === 0) return;
      const each = live[operation.which % live.length];
      arena.free(each.block);
      model.free(each);
      return;
    }
    case 'mark':
      return void model.marks.push({ mark: arena.mark(), blocks: model.held.length, used: arena.used });
    case 'rewind': {
      if (model.marks.length === 0) return;
      const index = operation.which % model.marks.length;
      arena.rewind(model.marks[index].mark);
      if (arena.used > model.marks[index].used) throw new Error(`${arena.used} bytes used after a rewind`);
      model.rewind(index);
      return;
    }
    case 'plainReset':
    case 'reset': {
      const ended = model.held.map(({ block }) => block);
      if (operation.do === 'reset') arena.reset({ retain: operation.retain });
      else arena.reset();
      if (ended.some((block) => block.length !== 0)) throw new Error('a block outlived the reset');
      if (arena.used !== 0) throw new Error(`${arena.used} bytes used after a reset`);
      model.reset();
      return;
    }
    case 'trim':
      arena.trim();
  }
}

function unlessRefused<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_FREEHOLD_LIMIT') return null;
    throw error;
  }
}

test('no program of operations breaks a promise of the arena', () => {
  // A failure prints its seed and the shrunk program: `fc.assert(…, { seed, path })` repeats it.
  fc.assert(
    fc.property(options, fc.array(operation, { maxLength: 60, size: 'max' }), (given, program) => {
      const arena = new Arena(given);
      const model = new ArenaModel();
      for (const each of program) {
        step(arena, model, each);
        expect(model.fault(arena)).toBeUndefined();
      }
      const blocks = model.held.map(({ block }) => block);
      arena.dispose();
      expect(blocks.every((block) => block.length === 0)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
