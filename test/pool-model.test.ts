import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Block, Pool } from 'freehold';
import { codeOf, throwsCode, unlessRefused } from './conformance/checks.ts';
import { type Command, command, commands, pick } from './lib/model/commands.ts';
import { type Held, type Model } from './lib/model/model.ts';
import { runModel } from './lib/model/run.ts';
import { assertPattern } from './lib/patterns.ts';

interface Options {
  readonly blockBytes: number;
  readonly alignment: number;
  readonly maxBlocks: number;
  readonly slabBytes: number;
}

const options: fc.Arbitrary<Options> = fc.record({
  blockBytes: fc.constantFrom(1, 16, 40, 100, 1024, 5000),
  alignment: fc.constantFrom(16, 8, 64, 4096),
  maxBlocks: fc.constantFrom(Infinity, 20),
  slabBytes: fc.constantFrom(4096, 65536),
});
const size = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1, 16, 40, 100, 1024) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 1024 }) },
  { weight: 1, arbitrary: fc.constantFrom(5000, 5001) },
);
const alignment = fc.constantFrom(16, 16, 16, 1, 8, 64, 4096, 8192);

type PoolCommand = Command<Pool>;

/** Blocks whose index and handle can be asked for. */
const blocks = (model: Model): (Held & { view: Block })[] =>
  model.live.filter((held): held is Held & { view: Block } => held.view instanceof Block);
const hasBlocks = (model: Model): boolean => blocks(model).length > 0;

/** The handles that each program has seen end. */
const stale = new WeakMap<Model, number[]>();

/** An index costs no look at its slab, whose memory may have been moved away. Such a one is of no use, and given back. */
function isGone(model: Model, pool: Pool, index: number): boolean {
  if (!model.escaped || codeOf(() => pool.view(index)) === 'ok') return false;
  throwsCode(
    () => pool.address(index),
    'ERR_FREEHOLD_USE_AFTER_FREE',
    'the address of memory that was moved',
  );
  pool.freeIndex(index);
  return true;
}

function allocIndex(): PoolCommand {
  return command('allocIndex', (model, pool) => {
    const index = pool.tryAllocIndex();
    model.assertGranted(index >= 0, 1, 1, 'tryAllocIndex');
    if (index < 0) {
      throwsCode(() => pool.allocIndex(), 'ERR_FREEHOLD_LIMIT', 'allocIndex');
      return;
    }
    assert(pool.isLive(index));
    if (isGone(model, pool, index)) return;
    const view = pool.view(index);
    assert.equal(view.address, pool.address(index));
    model.hold(view, pool.blockBytes, Number(pool.address(index)));
  });
}

function allocHandle(): PoolCommand {
  return command('allocHandle', (model, pool) => {
    const handle = unlessRefused(() => pool.allocHandle());
    model.assertGranted(handle !== null, 1, 1, 'allocHandle');
    if (handle === null) return;
    assert(Number.isSafeInteger(handle));
    const index = pool.indexOf(handle);
    if (isGone(model, pool, index)) return;
    const view = pool.view(index);
    assert.equal(pool.handleOf(view), handle);
    assert.equal(pool.handleOf(index), handle);
    model.hold(view, pool.blockBytes, Number(view.address));
  });
}

/** Frees a block by its handle or its index, and remembers the handle: it is of no use from then on. */
function freeBy(way: 'handle' | 'index', which: number): PoolCommand {
  return command(
    `free by ${way}(${which})`,
    (model, pool) => {
      const held = pick(blocks(model), which);
      const handle = pool.handleOf(held.view);
      const index = pool.indexOf(handle);
      const free = () => (way === 'handle' ? pool.freeHandle(handle) : pool.freeIndex(index));
      if (model.isPinned(held)) {
        throwsCode(free, 'ERR_FREEHOLD_PINNED', 'the free of a pinned block');
        return;
      }
      free();
      model.free(held);
      stale.set(model, [...(stale.get(model) ?? []), handle]);
      assert.equal(pool.isLive(index), false);
      throwsCode(() => pool.freeIndex(index), 'ERR_FREEHOLD_DOUBLE_FREE', 'the second free of an index');
      throwsCode(() => pool.view(index), 'ERR_FREEHOLD_USE_AFTER_FREE', 'the view of a free index');
    },
    hasBlocks,
  );
}

/** What a program does that kept a handle for too long, whoever has the slot now. */
function staleHandle(which: number): PoolCommand {
  return command(
    `stale handle(${which})`,
    (model, pool) => {
      const handle = pick(stale.get(model)!, which);
      throwsCode(() => pool.indexOf(handle), 'ERR_FREEHOLD_USE_AFTER_FREE', 'a stale handle');
      throwsCode(() => pool.freeHandle(handle), 'ERR_FREEHOLD_USE_AFTER_FREE', 'the free of a stale handle');
    },
    (model) => stale.has(model),
  );
}

/** The program kept the index only: the view that the pool gives for it shows the same block. */
function viewAgain(which: number): PoolCommand {
  return command(
    `view(${which})`,
    (model, pool) => {
      const { view, id, byteLength, address } = pick(blocks(model), which);
      const index = pool.indexOf(pool.handleOf(view));
      if (byteLength !== pool.blockBytes) return;
      assertPattern(pool.view(index), id, byteLength, 'the view of an index');
      assert.equal(Number(pool.address(index)), address);
    },
    hasBlocks,
  );
}

function preheat(count: number): PoolCommand {
  return command(`preheat(${count})`, (model, pool) => {
    const { maxBlocks } = pool.stats();
    const code = codeOf(() => pool.preheat(count));
    if (!model.escaped)
      assert.equal(code === 'ok', model.live.length + count <= maxBlocks, `preheat(${count}) gave ${code}`);
    if (code === 'ok') assert(pool.capacity >= pool.blocks + count);
  });
}

const figures: PoolCommand = command('figures', (model, pool) => {
  const { blocks: live, capacity, pins, blocksPeak } = pool.stats();
  assert(model.escaped ? live >= model.live.length : live === model.live.length, `${live} blocks`);
  assert.equal(pool.blocks, live);
  assert(capacity >= live && blocksPeak >= live);
  assert.equal(pins, model.pins.length);
});

test('no program of commands breaks a promise of the pool', async () => {
  const which = fc.nat(30);
  const way = fc.constantFrom('handle' as const, 'index' as const);
  const executed = await runModel<Pool, Options>({
    options,
    make: (given) => new Pool(given),
    traits: ({ blockBytes, alignment: most, maxBlocks }) => ({
      reuses: 'every',
      detects: 'every',
      owns: 'blocks',
      underPin: 'refused',
      movable: true,
      ends: true,
      grants(bytes, multiple, { live, escaped }) {
        if (bytes > blockBytes || multiple > most || live.length >= maxBlocks) return false;
        return escaped && maxBlocks < Infinity ? undefined : true;
      },
    }),
    commands: [
      ...commands({ size, alignment }),
      { weight: 15, arbitrary: fc.constantFrom(allocIndex(), allocHandle()) },
      { weight: 10, arbitrary: fc.tuple(way, which).map(([...given]) => freeBy(...given)) },
      { weight: 3, arbitrary: which.map(staleHandle) },
      { weight: 3, arbitrary: which.map(viewAgain) },
      { weight: 2, arbitrary: fc.nat(40).map(preheat) },
      { weight: 3, arbitrary: fc.constant(figures) },
    ],
    runs: 700,
  });
  expect(executed).toBeGreaterThan(45_000);
}, 120_000);
