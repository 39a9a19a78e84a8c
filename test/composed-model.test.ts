import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  Arena,
  FixedBuffer,
  Heap,
  Pool,
  failing,
  fallback,
  limited,
  logging,
  memoryStats,
  pageAllocator,
  tracking,
} from 'freehold';
import { commands } from './lib/model/commands.ts';
import { type ModelTraits, type Real } from './lib/model/model.ts';
import { runModel } from './lib/model/run.ts';

const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3000 }) },
);
const alignment = fc.constantFrom(16, 16, 16, 1, 8, 64, 4096);

const manual: ModelTraits = {
  reuses: 'every',
  detects: 'every',
  owns: 'blocks',
  underPin: 'refused',
  movable: true,
  ends: true,
  grants: () => true,
};

const LIMIT = 10_000;
const disposeInner = true;
const scratch = new ArrayBuffer(20_000);

interface Composed {
  readonly title: string;
  readonly make: () => Real;
  readonly traits: ModelTraits;
}

const composed: readonly Composed[] = [
  {
    title: 'tracking(limited(fallback(FixedBuffer, Arena)))',
    make() {
      const memory = fallback(new FixedBuffer(scratch), new Arena(), { disposeInner });
      return tracking(limited(memory, 2 ** 30, { disposeInner }), { disposeInner });
    },
    traits: {
      ...manual,
      reuses: 'last',
      underPin: 'kept',
      // The program's own memory does not end with what is cut from it, and once it was moved nothing can be had.
      movable: false,
      ends: false,
    },
  },
  {
    title: 'limited(tracking(Heap))',
    make: () => limited(tracking(new Heap(), { disposeInner }), LIMIT, { disposeInner }),
    traits: {
      ...manual,
      grants(bytes, _multiple, { live, escaped }) {
        const used = live.reduce((sum, { byteLength }) => sum + byteLength, bytes);
        return used <= LIMIT && !escaped ? true : escaped ? undefined : false;
      },
    },
  },
  {
    title: 'logging(fallback(Pool, Heap))',
    make() {
      const pool = new Pool({ blockBytes: 128, maxBlocks: 20 });
      return logging(fallback(pool, new Heap(), { disposeInner }), () => {}, { disposeInner });
    },
    traits: manual,
  },
  {
    title: 'failing(fallback(Heap, Pool))',
    make() {
      const memory = fallback(new Heap(), new Pool({ blockBytes: 128 }), { disposeInner });
      return failing(memory, { every: 5, disposeInner });
    },
    traits: { ...manual, grants: () => undefined },
  },
  ...(memoryStats().backing === 'v8'
    ? []
    : [{ title: 'pageAllocator', make: () => pageAllocator({ guard: 'rear' }), traits: manual }]),
];

test.each(composed)(
  'no program of commands breaks a promise of $title',
  async ({ make, traits }) => {
    const executed = await runModel<Real, null>({
      options: fc.constant(null),
      make,
      traits: () => traits,
      commands: commands({ size, alignment }),
      runs: 80,
    });
    expect(executed).toBeGreaterThan(4000);
  },
  120_000,
);
