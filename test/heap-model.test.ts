import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Block, Heap } from 'freehold';
import { throwsCode } from './conformance/checks.ts';
import { type Command, command, commands, pick } from './lib/model/commands.ts';
import { type Held, type Model } from './lib/model/model.ts';
import { runModel } from './lib/model/run.ts';
import { assertPattern, assertZero } from './lib/patterns.ts';

// Every size class often, its borders, and blocks that have pages of their own.
const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 400 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 6000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 32_700, max: 32_800 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 150_000 }) },
);
const alignment = fc.oneof(
  { weight: 8, arbitrary: fc.constant(16) },
  { weight: 4, arbitrary: fc.nat(12).map((exponent) => 2 ** exponent) },
  { weight: 1, arbitrary: fc.constantFrom(8192, 65_536, 2 ** 21) },
);

type HeapCommand = Command<Heap>;
const hasLive = (model: Model): boolean => model.live.length > 0;

/** Blocks that die when they are freed. */
const isolated = new WeakSet<Held>();

function allocIsolated(bytes: number, multiple: number): HeapCommand {
  return command(`isolated alloc(${bytes}, ${multiple})`, (model, heap) => {
    const block = heap.alloc(bytes, { alignment: multiple, isolate: true });
    assertZero(block, 0, 'an isolated block');
    const { address } = block;
    assert.equal(address % BigInt(multiple), 0n);
    isolated.add(model.hold(block, bytes, Number(address)));
  });
}

/** Views of every kind free the block that they begin with. */
function freeByView(which: number): HeapCommand {
  return command(
    `free by a view(${which})`,
    (model, heap) => {
      const held = pick(model.live, which);
      const { buffer, byteOffset, length } = held.view;
      const view =
        which % 2 === 0 ? new DataView(buffer, byteOffset, length) : new Uint8Array(buffer, byteOffset, 0);
      if (model.isPinned(held)) {
        throwsCode(() => heap.free(view), 'ERR_FREEHOLD_PINNED', 'the free of a pinned block');
        return;
      }
      heap.free(view);
      model.free(held);
    },
    hasLive,
  );
}

/** All that a block may grow to where it is. */
function useAll(which: number): HeapCommand {
  return command(
    `use all(${which})`,
    (model, heap) => {
      const held = pick(model.live, which);
      const { view, byteLength, id, address } = held;
      const usable = heap.usableSize(view);
      assert(usable >= byteLength, `${usable} usable bytes in a block of ${byteLength}`);
      if (!(view instanceof Block) || model.isPinned(held)) return;
      const grown = heap.realloc(view, usable);
      assertPattern(grown, id, byteLength, 'what realloc keeps');
      assertZero(grown, byteLength, 'what realloc adds');
      const wasIsolated = isolated.has(held);
      model.drop(held);
      const entered = model.hold(grown, usable, Number(grown.address));
      if (wasIsolated) isolated.add(entered);
      assert.equal(entered.address, address, 'a block that grows to its usable size stays');
    },
    hasLive,
  );
}

const figures: HeapCommand = command('figures', (model, heap) => {
  const { blocks, pins, large } = heap.stats();
  const { length } = model.live;
  assert(model.escaped ? blocks >= length : blocks === length, `${blocks} blocks of ${length}`);
  assert(large <= blocks);
  assert.equal(pins, model.pins.length);
  for (const held of model.freed) {
    if (isolated.has(held)) assert.equal(held.view.length, 0, 'the view of an isolated block that was freed');
  }
});

test('no program of commands breaks a promise of the heap', async () => {
  const which = fc.nat(30);
  const executed = await runModel<Heap, boolean>({
    options: fc.constantFrom(false, false, true),
    make: (isolate) => new Heap({ isolate }),
    traits: () => ({
      reuses: 'every',
      detects: 'every',
      owns: 'blocks',
      underPin: 'refused',
      movable: true,
      ends: true,
      grants: () => true,
    }),
    commands: [
      ...commands({ size, alignment }),
      { weight: 4, arbitrary: fc.tuple(size, alignment).map(([...given]) => allocIsolated(...given)) },
      { weight: 8, arbitrary: which.map(freeByView) },
      { weight: 4, arbitrary: which.map(useAll) },
      { weight: 3, arbitrary: fc.constant(figures) },
    ],
    runs: 600,
  });
  expect(executed).toBeGreaterThan(40_000);
}, 120_000);
