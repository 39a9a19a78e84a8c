import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import {
  type Block,
  Heap,
  type Owned,
  Pool,
  RcHeap,
  borrow,
  borrowMut,
  own,
  owned,
  returnsOwnership,
  scoped,
  takesOwnership,
} from 'freehold';
import { expect, test } from 'vitest';

import { portion } from '../lib/effort.ts';
import {
  type Held,
  type Known,
  type Lent,
  type Use,
  check,
  codeIn,
  endBorrow,
  expected,
  outcomeOf,
} from './lib/model.ts';

type Handle = Owned<Disposable>;
type Step = readonly [kind: number, which: number, how: number];

const steps = fc.array(fc.tuple(fc.nat(99), fc.nat(1000), fc.nat(7)), { minLength: 100, maxLength: 400 });

class ByProgram extends Error {}

/** What runs in it owns what it is given, and then fails, by `how`, at once or later. */
const failing = takesOwnership((handle: Handle, keep: (kept: Handle) => void, how: number) => {
  if (how & 1) keep(handle.move());
  throw new ByProgram();
}, 0);
const failingLater = takesOwnership(async (handle: Handle, keep: (kept: Handle) => void, how: number) => {
  if (how & 1) keep(handle.move());
  await turn();
  throw new ByProgram();
}, 0);
const passing = returnsOwnership((handle: Handle) => handle);
const passingLater = returnsOwnership(async (handle: Handle, wait: boolean) => {
  if (wait) await turn();
  return handle;
});

/** A program over a pool, a heap, counted blocks and plain resources, and what should come of it. */
class Program {
  readonly pool = new Pool({ blockBytes: 64 });
  readonly heap = new Heap();
  readonly rcs = new RcHeap();
  readonly all: Known[] = [];
  held: Held[] = [];
  lent: Lent[] = [];
  refused = 0;

  make(how: number): void {
    let ends = 0;
    const rest = { raw: false, ended: false, gone: false, readers: 0, writer: false, abandoned: false };
    let handle: Handle;
    let known: Known;
    if (how < 6) {
      const allocator = how < 3 ? this.pool : how < 5 ? this.heap : this.rcs;
      const block = owned<Block>(allocator, 64);
      const resource = block.value;
      handle = block;
      // Of counted blocks the end is the handle's own: the block may live on by others.
      const freeRaw = how < 5 ? () => allocator.free(resource) : undefined;
      known = { ...rest, resource, freeRaw, lives: () => allocator.owns(resource), ends: undefined };
    } else {
      const resource = { [Symbol.dispose]: () => (ends += 1) };
      handle = own(resource);
      known = { ...rest, resource, freeRaw: undefined, lives: () => ends === 0, ends: () => ends };
    }
    this.all.push(known);
    this.held.push({ handle, known, state: 'owner' });
  }

  /** Does it, and compares what comes of it with what should. Whether it was done. */
  did(held: Held, use: Use, run: () => unknown): boolean {
    const wanted = expected(held, use);
    assert.equal(outcomeOf(run), wanted, `${use} of a handle that is ${held.state}`);
    if (wanted !== 'ok') this.refused++;
    return wanted === 'ok';
  }

  use(held: Held): void {
    this.did(held, 'value', () => assert.equal(held.handle.value, held.known.resource));
  }

  move(held: Held, by: (handle: Handle) => Handle): void {
    let moved: Handle | undefined;
    const owner = held.state === 'owner' && !held.known.ended;
    if (!this.did(held, 'move', () => (moved = by(held.handle)))) return;
    assert(owner);
    held.state = 'moved';
    this.held.push({ handle: moved!, known: held.known, state: 'owner' });
  }

  release(held: Held): void {
    if (!this.did(held, 'release', () => assert.equal(held.handle.release(), held.known.resource))) return;
    held.state = 'released';
    held.known.raw = true;
  }

  /** A second owner, or a first one for what was released. */
  ownAgain(known: Known): void {
    if (known.ended || known.gone) return; // The object may be another's by now.
    let handle: Handle | undefined;
    const outcome = outcomeOf(() => (handle = own(known.resource)));
    assert.equal(outcome, known.raw ? 'ok' : 'ERR_FREEHOLD_MOVED');
    if (!known.raw) {
      this.refused++;
      return;
    }
    known.raw = false;
    this.held.push({ handle: handle!, known, state: 'owner' });
  }

  end(held: Held, use: 'dispose' | 'end of scope'): void {
    const { known } = held;
    const borrowed = held.state === 'owner' && !known.ended && (known.writer || known.readers > 0);
    const ends = held.state === 'owner' && !borrowed;
    this.did(held, use, () => (use === 'dispose' ? held.handle.dispose() : held.handle[Symbol.dispose]()));
    if (borrowed && use === 'end of scope') known.abandoned = true;
    if (!ends) return;
    held.state = 'disposed';
    known.ended = true;
  }

  borrow(held: Held, exclusive: boolean): void {
    const use = exclusive ? 'borrowMut' : 'borrow';
    let borrowed: Lent['borrowed'] | undefined;
    if (!this.did(held, use, () => (borrowed = held.handle[use]()))) return;
    if (exclusive) held.known.writer = true;
    else held.known.readers++;
    this.lent.push({ borrowed: borrowed!, known: held.known, exclusive, ended: false });
  }

  useBorrow({ borrowed, known, ended }: Lent): void {
    const wanted = ended ? 'ERR_FREEHOLD_DISPOSED' : known.gone ? 'ERR_FREEHOLD_USE_AFTER_FREE' : 'ok';
    assert.equal(
      outcomeOf(() => assert.equal(borrowed.value, known.resource)),
      wanted,
    );
    if (wanted !== 'ok') this.refused++;
  }

  endBorrow(lent: Lent): void {
    const outcome = outcomeOf(() => lent.borrowed.end());
    assert.equal(outcome, endBorrow(lent), 'the end of a borrow');
  }

  freeRaw({ known }: Held): void {
    if (known.freeRaw === undefined || known.ended || known.gone || known.raw) return;
    known.freeRaw();
    known.gone = true;
  }

  /** A borrow that lasts for a function, with what it does in between, at once or over a turn. */
  async within(held: Held, how: number): Promise<void> {
    const exclusive = (how & 1) !== 0;
    const lend = exclusive ? borrowMut : (borrow as unknown as typeof borrowMut);
    const wanted = expected(held, exclusive ? 'borrowMut' : 'borrow');
    const inner = (): void => {
      assert.equal(
        outcomeOf(() => held.handle.value),
        'ERR_FREEHOLD_BORROWED',
      );
      if (how & 2) throw new ByProgram();
    };
    let code: string = 'ok';
    try {
      if (how & 4)
        await lend(held.handle, async () => {
          await turn();
          inner();
        });
      else lend(held.handle, inner);
    } catch (error) {
      code = error instanceof ByProgram ? 'ok' : codeIn(error);
    }
    assert.equal(code, wanted);
  }

  /** A function takes it and throws, after it has kept it or not. */
  async fail(held: Held, how: number): Promise<void> {
    const { known } = held;
    const wanted = expected(held, 'move');
    let kept: Handle | undefined;
    const keep = (handle: Handle) => (kept = handle);
    let code: string = 'ok';
    try {
      if (how & 2) await failingLater(held.handle, keep, how);
      else failing(held.handle, keep, how);
    } catch (error) {
      // What was freed behind the owner's back is found when it is ended.
      if (error instanceof ByProgram) code = 'ok';
      else if ((error as Error).name === 'SuppressedError') {
        assert.equal(codeIn((error as SuppressedError).error), 'ERR_FREEHOLD_DOUBLE_FREE');
        assert(known.gone && (error as SuppressedError).suppressed instanceof ByProgram);
      } else code = codeIn(error);
    }
    assert.equal(code, wanted);
    if (wanted !== 'ok') {
      this.refused++;
      return;
    }
    held.state = 'moved';
    if (kept !== undefined) this.held.push({ handle: kept, known, state: 'owner' });
    else known.ended = true;
  }

  /** A scope owns it, and ends by a return, a throw or a transfer. */
  scope(held: Held, how: number): void {
    const { known } = held;
    if (held.state !== 'owner' || known.gone || known.readers > 0 || known.writer || known.ended) return;
    const outcome = outcomeOf(() => {
      try {
        scoped((scope) => {
          scope.own(held.handle);
          if (how & 1) scope.release(held.handle);
          if (how & 2) throw new ByProgram();
        });
      } catch (error) {
        if (!(error instanceof ByProgram)) throw error;
      }
    });
    assert.equal(outcome, 'ok');
    if (how & 1) return;
    held.state = 'disposed';
    known.ended = true;
  }

  async perform([kind, which, how]: Step): Promise<void> {
    const held = this.held[which % Math.max(1, this.held.length)];
    const lent = this.lent[which % Math.max(1, this.lent.length)];
    if (held === undefined || kind < 22) this.make(how);
    else if (kind < 30) this.use(held);
    else if (kind < 38) this.move(held, (handle) => handle.move());
    else if (kind < 42) this.move(held, passing);
    else if (kind < 46) this.release(held);
    else if (kind < 52) this.ownAgain(held.known);
    else if (kind < 58) this.end(held, 'dispose');
    else if (kind < 62) this.end(held, 'end of scope');
    else if (kind < 69) this.borrow(held, false);
    else if (kind < 74) this.borrow(held, true);
    else if (kind < 84 && lent !== undefined) this.endBorrow(lent);
    else if (kind < 88 && lent !== undefined) this.useBorrow(lent);
    else if (kind < 90) this.freeRaw(held);
    else if (kind < 93) await this.within(held, how);
    else if (kind < 96) await this.fail(held, how);
    else if (kind < 98) this.scope(held, how);
    else await this.passLater(held, (how & 1) !== 0);
    check((held ?? this.held[0]).known);
    if (this.held.length > 60) this.held = this.held.slice(10).concat(this.held.slice(0, 10).filter(isOwner));
    if (this.lent.length > 40) this.lent = this.lent.slice(10).concat(this.lent.slice(0, 10).filter(isLive));
  }

  async passLater(held: Held, wait: boolean): Promise<void> {
    const wanted = expected(held, 'move');
    const moved = await passingLater(held.handle, wait).catch(codeIn);
    if (typeof moved === 'string') {
      assert.equal(moved, wanted);
      this.refused++;
      return;
    }
    assert.equal(wanted, 'ok');
    held.state = 'moved';
    this.held.push({ handle: moved, known: held.known, state: 'owner' });
  }

  /** Every borrow and every owner ends; what was released is freed. */
  finish(): void {
    for (const lent of this.lent) this.endBorrow(lent);
    for (const known of this.all) if (known.raw) this.ownAgain(known);
    for (const held of this.held) this.end(held, 'dispose');
    for (const known of this.all) check(known);
    assert.deepEqual(
      [this.pool.blocks, this.heap.stats().blocks, this.rcs.stats().blocks],
      [0, 0, 0],
      'nothing is left',
    );
  }
}

const isOwner = ({ state, known }: Held): boolean => state === 'owner' && !known.ended;
const isLive = ({ ended }: Lent): boolean => !ended;

test('no program of owners, borrows, functions and awaits leaks, ends anything twice, or goes wrong without its code', async () => {
  let performed = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const program = new Program();
      for (const step of all) await program.perform(step);
      program.finish();
      performed += all.length;
      refused += program.refused;
    }),
    { numRuns: portion(1000) },
  );
  expect(performed).toBeGreaterThan(portion(100_000));
  expect(refused).toBeGreaterThan(portion(10_000));
}, 120_000);
