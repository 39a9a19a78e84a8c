import { describe, expect, test, vi } from 'vitest';
import { type Pin, memoryStats } from 'freehold';
import { fromAddress } from 'freehold/ffi';

import { collectUntil } from '../lib/collect.ts';
import { backing } from '../lib/memory.ts';
import { compileLibrary, hasCompiler, openLibrary } from './lib/library.ts';

/** A few collections more: what would happen twice has happened. */
async function fewMore(): Promise<void> {
  let rounds = 0;
  await collectUntil(() => ++rounds > 3);
}

const canMove = 'transfer' in ArrayBuffer.prototype;

describe.runIf(hasCompiler && backing === 'pages')('foreign memory that nothing reaches', () => {
  const c = openLibrary(compileLibrary());
  const free = BigInt(c.disposeAddress);

  test('is freed by the native function, once', async () => {
    const before = c.freed();
    (() => {
      for (let index = 0; index < 100; index++) fromAddress(c.make(1000), 1000, { free });
    })();
    await collectUntil(() => c.freed() === before + 100);
    await fewMore();
    expect(c.freed()).toBe(before + 100);
  });

  test('is given to the function of the program from the event loop, once', async () => {
    const freed: bigint[] = [];
    const addresses = (() =>
      Array.from({ length: 20 }, () => {
        const address = c.make(8);
        fromAddress(address, 8, { free: (at) => freed.push(at) });
        return address;
      }))();
    await collectUntil(() => freed.length === 20);
    await fewMore();
    expect(freed.sort()).toEqual(addresses.sort());
    for (const address of addresses) c.dispose(address);
  });

  test('stays as long as any view of it is reachable', async () => {
    const before = c.freed();
    const held: { view: Uint32Array | null } = { view: null };
    held.view = (() => {
      const block = fromAddress(c.make(64), 64, { free });
      return new Uint32Array(block.buffer, 8, 2);
    })();
    await fewMore();
    expect(c.freed()).toBe(before);
    expect(held.view.length).toBe(2);
    held.view = null;
    await collectUntil(() => c.freed() > before);
    expect(c.freed()).toBe(before + 1);
  });

  test('stays while it is pinned, though only the pin is held', async () => {
    const before = c.freed();
    const held: { pin: Pin | null } = { pin: null };
    held.pin = (() => fromAddress(c.make(64), 64, { free }).pin())();
    await fewMore();
    expect(c.freed()).toBe(before);
    held.pin.release();
    held.pin = null;
    await collectUntil(() => c.freed() > before);
    expect(c.freed()).toBe(before + 1);
  });

  test('keeps its owner until then, and no longer', async () => {
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    const held: { block: Buffer | null } = { block: null };
    held.block = (() => {
      const owner = { handle: 5 };
      registry.register(owner, 0);
      return fromAddress(c.fixed(), 64, { owner });
    })();
    await fewMore();
    expect(collected).toBe(0);
    expect(held.block.length).toBe(64);
    held.block = null;
    await collectUntil(() => collected > 0);
    expect(collected).toBe(1);
  });

  test.runIf(canMove)('is freed when the ArrayBuffer that it was moved to is gone', async () => {
    const before = c.freed();
    const release = vi.fn();
    const held: { moved: ArrayBuffer[] } = { moved: [] };
    held.moved = (() =>
      [free, release].map((how) => {
        const block = fromAddress(c.make(64), 64, { free: how });
        const buffer = (block.buffer as ArrayBuffer & { transfer(): ArrayBuffer }).transfer();
        block[Symbol.dispose](); // It is not there any more.
        return structuredClone(buffer, { transfer: [buffer] });
      }))();
    await fewMore();
    expect([c.freed() - before, release.mock.calls.length]).toEqual([0, 0]);
    expect(held.moved.map((buffer) => new Uint8Array(buffer)[63])).toEqual([63, 63]);
    held.moved = [];
    await collectUntil(() => c.freed() > before && release.mock.calls.length > 0);
    expect([c.freed() - before, release.mock.calls.length]).toEqual([1, 1]);
    for (const [address] of release.mock.calls as [bigint][]) c.dispose(address);
  });

  test('is not counted any more', async () => {
    const before = memoryStats().foreign;
    (() => fromAddress(c.make(64), 64, { free }))();
    expect(memoryStats().foreign.blocks).toBe(before.blocks + 1);
    await collectUntil(() => memoryStats().foreign.blocks === before.blocks);
    expect(memoryStats().foreign).toEqual(before);
  });

  test('was freed before the same address is adopted again', async () => {
    const before = c.freed();
    for (let round = 0; round < 20; round++) {
      (() => fromAddress(c.make(64), 64, { free }))();
      await collectUntil(() => c.freed() === before + round + 1);
    }
    expect(c.freed()).toBe(before + 20);
  });
});
