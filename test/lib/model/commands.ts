import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { Block, FixedBuffer } from 'freehold';
import { codeOf, throwsCode, unlessRefused } from '../../conformance/checks.ts';
import { canEscape, escape } from '../memory.ts';
import { assertPattern, assertZero } from '../patterns.ts';
import { type Held, type Model, type Real } from './model.ts';

export type Command<R extends Real = Real> = fc.AsyncCommand<Model, R>;

/** A command in a word for the printout of a failure, what it needs of the model, and what it does to both. */
export function command<R extends Real>(
  name: string,
  run: (model: Model, real: R) => void | Promise<void>,
  check: (model: Model) => boolean = () => true,
): Command<R> {
  return {
    check,
    toString: () => name,
    async run(model, real) {
      await run(model, real);
      model.check(real);
    },
  };
}

const hasLive = (model: Model): boolean => model.live.length > 0;

/** One of a list, by a number that shrinks to 0: the newest. */
export function pick<T>(list: readonly T[], which: number): T {
  return list[list.length - 1 - (which % list.length)];
}

/** Of any view: a block that a fixed buffer cuts from the same memory knows where that is. */
function addressOf(view: Uint8Array): number {
  if (view instanceof Block) return Number(view.address);
  return Number(new FixedBuffer(view.buffer).allocUnsafe(0, 1).address) + view.byteOffset;
}

function alloc(
  how: 'alloc' | 'allocUnsafe' | 'tryAlloc' | 'array',
  size: number,
  alignment: number,
): Command {
  return command(`${how}(${size}, ${alignment})`, (model, real) => {
    const view =
      how === 'array'
        ? unlessRefused(() => real.array(Uint8Array, size))
        : unlessRefused(() => real[how](size, alignment));
    model.assertGranted(
      view !== null,
      size,
      how === 'array' ? 1 : alignment,
      `${how}(${size}, ${alignment})`,
    );
    if (view === null) return;
    if (how !== 'allocUnsafe') assertZero(view, 0, `a block of ${how}`);
    const { address } = model.hold(view, size, addressOf(view));
    if (how !== 'array') assert.equal(address % alignment, 0, `a block at ${address} for ${alignment}`);
    assert(real.owns(view), 'a new block is owned');
  });
}

function free(which: number, scope: boolean): Command {
  return command(
    scope ? `scope of ${which}` : `free(${which})`,
    (model, real) => {
      const held = pick(model.live, which);
      const { view } = held;
      const run = () => (scope && view instanceof Block ? view[Symbol.dispose]() : real.free(view));
      if (model.isPinned(held) && model.traits.underPin === 'refused') {
        throwsCode(run, 'ERR_FREEHOLD_PINNED', 'the free of a pinned block');
        return;
      }
      run();
      model.free(held);
      if (model.traits.owns === 'blocks') assert.equal(real.owns(view), false, 'a freed block is owned');
    },
    hasLive,
  );
}

function realloc(which: number, size: number): Command {
  return command(
    `realloc(${which}, ${size})`,
    (model, real) => {
      const held = pick(model.live, which);
      if (!(held.view instanceof Block)) return;
      const { view } = held;
      // Pinned memory may not move, nor end: it may shrink and grow where it is.
      const pinned = model.isPinned(held) && model.traits.underPin === 'refused';
      let block: Block | null = null;
      const code = codeOf(() => (block = unlessRefused(() => real.realloc(view, size))));
      if (pinned && code === 'ERR_FREEHOLD_PINNED') return;
      assert.equal(code, 'ok');
      // In its own place it may grow where nothing else can be had.
      if (block === null) model.assertGranted(false, size, 1, `realloc(${size})`);
      if (block === null) return;
      enterAgain(model, held, block, size, pinned);
    },
    hasLive,
  );
}

/** What realloc gave for a block takes its place. */
function enterAgain(model: Model, held: Held, block: Block, size: number, pinned: boolean): void {
  const { id, byteLength, address } = held;
  const kept = Math.min(byteLength, size);
  assertPattern(block, id, kept, `what realloc from ${byteLength} to ${size} keeps`);
  assertZero(block, kept, `what realloc from ${byteLength} to ${size} adds`);
  // In its place the old block is one more view of what begins there, which may free it.
  if (Number(block.address) === address) model.drop(held);
  else model.free(held);
  const entered = model.hold(block, size, Number(block.address));
  if (!pinned) return;
  assert.equal(entered.address, address, 'pinned memory stays where it is');
  for (const each of model.pins) if (each.held === held) each.held = entered;
}

function doubleFree(which: number): Command {
  return command(
    `double free(${which})`,
    (model, real) => {
      const { view } = pick(model.freed, which);
      const code = codeOf(() => real.free(view));
      assert(code === 'ERR_FREEHOLD_DOUBLE_FREE' || code === 'ERR_FREEHOLD_USE_AFTER_FREE', code);
    },
    (model) => model.traits.detects === 'every' && model.freed.length > 0,
  );
}

function interiorFree(which: number, offset: number): Command {
  return command(
    `interior free(${which}, ${offset})`,
    (model, real) => {
      const { view, byteLength } = pick(model.live, which);
      if (byteLength < 2) return;
      const begin = 1 + (offset % (byteLength - 1));
      const code = 'ERR_FREEHOLD_INVALID_FREE';
      throwsCode(() => real.free(Block.prototype.subarray.call(view, begin)), code, 'interior');
    },
    (model) => model.traits.detects === 'every' && hasLive(model),
  );
}

function foreignFree(size: number): Command {
  return command(`foreign free(${size})`, (_model, real) => {
    throwsCode(() => real.free(Buffer.alloc(size)), 'ERR_FREEHOLD_INVALID_FREE', 'foreign');
  });
}

function pin(which: number): Command {
  return command(
    `pin(${which})`,
    (model) => {
      const held = pick(model.live, which);
      if (held.view instanceof Block) model.pins.push({ pin: held.view.pin(), held });
    },
    (model) => hasLive(model) && model.pins.length < 3,
  );
}

function unpin(): Command {
  return command(
    'unpin',
    (model) => model.pins.pop()!.pin.release(),
    (model) => model.pins.length > 0,
  );
}

/** Takes the buffer of a block, and all blocks in it, away from the allocator. */
function transfer(which: number): Command {
  return command(
    `transfer(${which})`,
    (model, real) => {
      const { view, address } = pick(model.live, which);
      const { buffer } = view;
      const base = address - view.byteOffset;
      const offsets = new Map<Held, number>();
      for (const held of model.live) if (held.view.buffer === buffer) offsets.set(held, held.view.byteOffset);
      const bytes = escape(buffer as ArrayBuffer);
      assert.equal(buffer.byteLength, 0);
      model.move(buffer, base, offsets, bytes);
      for (const held of offsets.keys()) {
        const { view: gone } = held;
        assert.equal(real.owns(gone), false, 'a moved block is owned');
        if (gone instanceof Block) gone[Symbol.dispose]();
        // Where a slot is known without its memory it is taken back; the memory never is, as the addresses show.
        const code = codeOf(() => real.free(gone));
        assert(code === 'ok' || code === 'ERR_FREEHOLD_USE_AFTER_FREE', code);
      }
    },
    (model) => canEscape && model.traits.movable && hasLive(model) && model.pins.length === 0,
  );
}

/** Nothing reaches moved memory any more: it may be used again when the collector has seen that. */
const forgetMoved = command(
  'forget moved',
  (model) => {
    model.moved.shift();
  },
  (model) => model.moved.length > 0,
);

const gc = (type: 'minor' | 'major'): Command =>
  command(`gc ${type}`, () => globalThis.gc?.({ type, execution: 'sync' }));
const eventLoop = command('turn', () => turn());
const trim = command('trim', (_model, real) => assert((real.trim?.() ?? 0) >= 0));

export interface Ranges {
  readonly size: fc.Arbitrary<number>;
  readonly alignment: fc.Arbitrary<number>;
}

/** The commands that every allocator understands, with how often each is given. */
export function commands({ size, alignment }: Ranges): fc.WeightedArbitrary<Command>[] {
  const which = fc.nat(30);
  const how = fc.constantFrom(
    'alloc' as const,
    'allocUnsafe' as const,
    'tryAlloc' as const,
    'array' as const,
  );
  return [
    { weight: 40, arbitrary: fc.tuple(how, size, alignment).map(([...given]) => alloc(...given)) },
    { weight: 30, arbitrary: fc.tuple(which, fc.boolean()).map(([...given]) => free(...given)) },
    { weight: 12, arbitrary: fc.tuple(which, size).map(([...given]) => realloc(...given)) },
    { weight: 4, arbitrary: which.map(doubleFree) },
    { weight: 3, arbitrary: fc.tuple(which, fc.nat(5000)).map(([...given]) => interiorFree(...given)) },
    { weight: 1, arbitrary: fc.nat(64).map(foreignFree) },
    { weight: 3, arbitrary: which.map(pin) },
    { weight: 3, arbitrary: fc.constant(unpin()) },
    { weight: 2, arbitrary: which.map(transfer) },
    { weight: 2, arbitrary: fc.constant(forgetMoved) },
    { weight: 2, arbitrary: fc.constant(trim) },
    { weight: 2, arbitrary: fc.constant(gc('minor')) },
    { weight: 1, arbitrary: fc.constant(gc('major')) },
    { weight: 4, arbitrary: fc.constant(eventLoop) },
  ];
}
