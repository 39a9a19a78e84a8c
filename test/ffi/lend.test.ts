import { once } from 'node:events';
import { inspect } from 'node:util';

import koffi from 'koffi';
import { describe, expect, test } from 'vitest';
import { Arena, type Block, Heap, failing } from 'freehold';
import { type Loan, lend, loanStats } from 'freehold/ffi';

import { refusal, rejection } from '../lib/codes.ts';
import { collectUntil } from '../lib/collect.ts';
import { compileLibrary, hasCompiler, openLibrary } from './lib/library.ts';

const Destructor = koffi.proto('void Destructor(uintptr_t data)');
const DestructorWithHint = koffi.proto('void DestructorWithHint(uintptr_t data, uintptr_t hint)');

/** What a library does that is done with a block. */
function giveBack(loan: Pick<Loan, 'address' | 'freePointer'>): void {
  koffi.call(loan.freePointer, Destructor, loan.address);
}

describe('lend', () => {
  test('pins the block until the library gives it back', () => {
    using heap = new Heap();
    const block = heap.alloc(64);
    const loan = lend(block);
    expect(loan.address).toBe(block.address);
    expect(loan.returned).toBe(false);
    refusal(() => heap.free(block), 'ERR_FREEHOLD_PINNED');
    giveBack(loan);
    expect(loan.returned).toBe(true);
    heap.free(block);
  });

  test('with a function that takes a hint, which it does not look at', () => {
    using heap = new Heap();
    const loan = lend(heap.alloc(64));
    koffi.call(loan.freePointerWithHint, DestructorWithHint, loan.address, 0xdeadn);
    expect(loan.returned).toBe(true);
  });

  test('keeps the block that is back, or frees it', () => {
    using heap = new Heap();
    const kept = lend(heap.alloc(64), { then: 'keep' });
    const freed = lend(heap.alloc(64), { then: 'free' });
    giveBack(kept);
    giveBack(freed);
    expect([kept.returned, freed.returned]).toEqual([true, true]);
    expect(heap.stats().blocks).toBe(1);
  });

  test('done is kept when the block is back, also when that was before', async () => {
    using heap = new Heap();
    const loan = lend(heap.alloc(64));
    let isDone = false;
    const done = loan.done.then(() => (isDone = true));
    await new Promise(setImmediate);
    expect(isDone).toBe(false);
    giveBack(loan);
    await done;
    expect(loan.returned).toBe(true);
    await loan.done;
    const other = lend(heap.alloc(64));
    giveBack(other);
    await other.done;
  });

  test('the program can take the block back: by dispose, once', async () => {
    using heap = new Heap();
    const block = heap.alloc(64);
    const before = loanStats();
    const loan = lend(block, { then: 'free' });
    const { done } = loan;
    expect(loanStats().out).toBe(before.out + 1);
    loan[Symbol.dispose]();
    expect([loan.returned, heap.stats().blocks]).toEqual([true, 0]);
    await done;
    loan[Symbol.dispose]();
    expect(loanStats()).toEqual(before);
  });

  test('a dispose after the library has given it back does nothing more', () => {
    using heap = new Heap();
    const loan = lend(heap.alloc(64), { then: 'free' });
    giveBack(loan);
    loan[Symbol.dispose]();
    expect(heap.stats().blocks).toBe(0);
  });

  test('a block can be lent several times at once: it is back when all are', () => {
    using heap = new Heap();
    const block = heap.alloc(64);
    const loans = [lend(block), lend(block), lend(block)];
    giveBack(loans[0]);
    expect(loans.map(({ returned }) => returned)).toEqual([true, false, false]);
    loans[1][Symbol.dispose]();
    refusal(() => heap.free(block), 'ERR_FREEHOLD_PINNED');
    giveBack(loans[0]);
    expect(loans.map(({ returned }) => returned)).toEqual([true, true, true]);
    heap.free(block);
  });

  test('what is given back twice is counted and a warning, what was never lent is counted', async () => {
    using heap = new Heap();
    const loan = lend(heap.alloc(64));
    const before = loanStats();
    const warned = once(process, 'warning');
    giveBack(loan);
    giveBack(loan);
    giveBack({ address: 0x1230n, freePointer: loan.freePointer });
    giveBack({ address: 0n, freePointer: loan.freePointer });
    expect(loanStats()).toEqual({
      out: before.out - 1,
      returned: before.returned + 1,
      returnedTwice: before.returnedTwice + 1,
      unknown: before.unknown + 2,
    });
    const [warning] = (await warned) as [Error];
    expect(warning.name).toBe('FreeholdWarning');
    expect(warning.message).toContain(`0x${loan.address.toString(16)}`);
  });

  test('what comes back after the program has taken it back is a warning, too', async () => {
    using heap = new Heap();
    const loan = lend(heap.alloc(64));
    loan[Symbol.dispose]();
    const warned = once(process, 'warning');
    const { returnedTwice } = loanStats();
    giveBack(loan);
    await warned;
    expect(loanStats().returnedTwice).toBe(returnedTwice + 1);
  });

  test('a loan keeps its block from the collector', async () => {
    using heap = new Heap();
    let collected = false;
    const registry = new FinalizationRegistry(() => (collected = true));
    const loan = (() => {
      const arena = new Arena();
      registry.register(arena, 0);
      return lend(arena.alloc(64));
    })();
    let rounds = 0;
    await collectUntil(() => ++rounds > 3);
    expect(collected).toBe(false);
    giveBack(loan);
    expect(loan.returned).toBe(true);
    await collectUntil(() => collected);
    expect(collected).toBe(true);
    expect(heap.stats().blocks).toBe(0);
  });

  test('when the block that is back cannot be freed, done is rejected, and dispose throws', async () => {
    using heap = new Heap();
    const block = heap.alloc(64);
    const pin = block.pin();
    const loan = lend(block, { then: 'free' });
    const { done } = loan;
    giveBack(loan);
    await rejection(done, 'ERR_FREEHOLD_PINNED');
    const other = lend(block, { then: 'free' });
    refusal(() => other[Symbol.dispose](), 'ERR_FREEHOLD_PINNED');
    expect(other.returned).toBe(true);
    pin.release();
    heap.free(block);
  });

  test('a block whose memory was left to the collector is not freed again', () => {
    using arena = new Arena({ reset: 'orphan' });
    const loan = lend(arena.alloc(64), { then: 'free' });
    arena.reset({ whenPinned: 'orphan' });
    giveBack(loan);
    expect(loan.returned).toBe(true);
  });

  test('refuses memory of no allocator, memory that is gone, and options that it does not know', () => {
    using heap = new Heap();
    const block = heap.alloc(8);
    for (const value of [Buffer.alloc(8), {}, null, undefined, 5])
      refusal(() => lend(value as Buffer), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    for (const options of [{ then: 'drop' }, { than: 'free' }, 5, null])
      refusal(() => lend(block, options as object), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    heap.free(block);
    refusal(() => lend(block), 'ERR_FREEHOLD_USE_AFTER_FREE');
    const { out } = loanStats();
    expect(out).toBe(0);
    using never = failing(heap, { failAt: 0 });
    refusal(() => lend(never as unknown as Block), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });

  test('shows itself, and looks at the receivers of its members', () => {
    using heap = new Heap();
    const loan = lend(heap.alloc(8));
    const at = `0x${loan.address.toString(16)}`;
    expect(JSON.parse(JSON.stringify(loan))).toEqual({ address: at, returned: false });
    expect(inspect(loan)).toBe(`Loan { ${at}, out }`);
    for (const receiver of [null, {}, Object.create(loan), new Proxy(loan, {})]) {
      for (const member of ['returned', 'done'] as const) {
        const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(loan), member)!;
        refusal(() => get!.call(receiver), 'ERR_FREEHOLD_INVALID_RECEIVER');
      }
      refusal(() => loan[Symbol.dispose].call(receiver as never), 'ERR_FREEHOLD_INVALID_RECEIVER');
    }
    loan[Symbol.dispose]();
    expect(inspect(loan)).toBe(`Loan { ${at}, returned }`);
  });
});

describe.runIf(hasCompiler)('a library that gives back from threads of its own', () => {
  const c = openLibrary(compileLibrary());

  test('is heard on this thread', async () => {
    c.closeGate();
    using heap = new Heap();
    const before = loanStats();
    const loans = Array.from({ length: 50 }, () => lend(heap.alloc(64), { then: 'free' }));
    for (const [index, loan] of loans.entries()) {
      if (index % 2 === 0) expect(c.keep(loan.address, loan.freePointer)).toBe(0);
      else expect(c.keepWithHint(loan.address, loan.freePointerWithHint)).toBe(0);
    }
    expect(loans.some(({ returned }) => returned)).toBe(false);
    c.openGate();
    await Promise.all(loans.map(({ done }) => done));
    expect(heap.stats().blocks).toBe(0);
    expect(loanStats()).toEqual({ ...before, returned: before.returned + 50 });
  });

  test('may have written to the block until it gives it back', async () => {
    c.closeGate();
    using heap = new Heap();
    const block = heap.alloc(64);
    const loan = lend(block);
    c.keep(loan.address, loan.freePointer);
    expect(block[0]).toBe(0);
    c.openGate();
    await loan.done;
    expect(block.subarray(0, 9)).toEqual(Buffer.from([...new Array<number>(8).fill(0x5a), 0]));
  });

  test('a setter gives the one before back within the call', () => {
    using heap = new Heap();
    const blocks = [heap.alloc(8), heap.alloc(8)];
    const loans = blocks.map((block) => lend(block));
    c.set(loans[0].address, loans[0].freePointer);
    expect(loans.map(({ returned }) => returned)).toEqual([false, false]);
    c.set(loans[1].address, loans[1].freePointer);
    expect(loans.map(({ returned }) => returned)).toEqual([true, false]);
    c.set(0n, 0n);
    expect(loans[1].returned).toBe(true);
  });
});
