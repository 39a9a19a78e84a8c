import koffi from 'koffi';
import { describe, expect, test } from 'vitest';

import { type GuardedBlock, GuardedBlocks } from '../../dist/debug/guarded-blocks.js';
import { native } from '../../dist/native.js';
import { runChild } from '../lib/child.ts';
import { collectUntil, settled } from '../lib/collect.ts';
import { backing, canEscape, escape, isZero } from '../lib/memory.ts';

const PAGE = 4096n;
const pages = backing === 'pages';

const growing = (quarantineBytes = 1 << 20): GuardedBlocks => new GuardedBlocks({ quarantineBytes });
const fixed = (slots: number): GuardedBlocks => new GuardedBlocks({ slots, quarantineBytes: 0 });

function take(blocks: GuardedBlocks, byteLength: number, alignment = 1, rear = true): GuardedBlock {
  const block = blocks.take(byteLength, alignment, rear, 1, 'test');
  if (block === null) throw new Error('no block');
  return block;
}

const bytesOf = ({ buffer }: GuardedBlock): Uint8Array => new Uint8Array(buffer);

/** Native code that writes one byte of a block, counted from its beginning. */
const write = ((): ((block: GuardedBlock, distance: number) => void) => {
  if (process.platform !== 'linux') return () => undefined;
  const memset = koffi.load(null).func('void *memset(uint64_t to, int byte, size_t length)');
  return ({ address }, distance) => void memset(address + BigInt(distance), 1, 1);
})();

describe.runIf(pages)('a guarded block', () => {
  test.each([
    [true, 1],
    [true, 64],
    [true, 1 << 16],
    [false, 1],
    [false, 1 << 21],
  ])('is zeroed, aligned and of exactly the bytes asked for (rear: %o, alignment %i)', (rear, alignment) => {
    const blocks = growing();
    for (const size of [1, 16, 100, 4096, 4097, 3 << 20]) {
      const block = take(blocks, size, alignment, rear);
      const bytes = bytesOf(block);
      expect([block.byteLength, block.buffer.byteLength, isZero(bytes)]).toEqual([size, size, true]);
      expect([block.address, block.address % BigInt(alignment)]).toEqual([native.addressOf(bytes), 0n]);
      bytes.fill(7);
      expect(blocks.end(block, 2)).toBe(null);
    }
    blocks.destroy();
  });

  test('ends with its page, or begins with it', () => {
    const blocks = growing();
    const rear = take(blocks, 100, 4);
    expect((rear.address + 100n) % PAGE).toBe(0n);
    expect(take(blocks, 100, 4, false).address % PAGE).toBe(0n);
    blocks.destroy();
  });

  test('of no bytes is one: it has an address of its own and is ended once', () => {
    const blocks = growing();
    const all = [take(blocks, 0), take(blocks, 0), take(blocks, 0, 64, false), take(blocks, 0, 1 << 16)];
    expect(new Set(all.map(({ address }) => address)).size).toBe(4);
    expect(all[3].address % 65536n).toBe(0n);
    expect(blocks.figures()).toMatchObject({ live: 4, bytesMapped: 0 });
    for (const block of all) {
      expect([block.byteLength, blocks.end(block, 2), blocks.end(block, 2)]).toEqual([0, null, null]);
    }
    expect(blocks.figures()).toMatchObject({ live: 0, quarantined: 4 });
    blocks.destroy();
  });

  test('that is ended has views of length 0, and no memory', () => {
    const blocks = growing();
    const block = take(blocks, 100_000);
    const bytes = bytesOf(block).fill(1);
    expect(blocks.figures()).toMatchObject({ live: 1, quarantined: 0, bytesMapped: 25 * 4096 });
    blocks.end(block, 2);
    expect([bytes.length, block.buffer.byteLength]).toEqual([0, 0]);
    expect(blocks.figures()).toMatchObject({ live: 0, quarantined: 1, bytesMapped: 0 });
    blocks.destroy();
    expect(blocks.figures()).toEqual({
      live: 0,
      quarantined: 0,
      refused: 0,
      bytesMapped: 0,
      bytesReserved: 0,
    });
  });

  test.runIf(process.platform === 'linux')(
    'tells when it is ended which byte around it was written first',
    () => {
      const blocks = growing();
      const damage = (rear: boolean, ...distances: number[]): number | null => {
        const block = take(blocks, 100, 64, rear);
        for (const distance of distances) write(block, distance);
        return blocks.end(block, 2);
      };
      expect(damage(true, 100)).toBe(100);
      expect(damage(true, 110, 127)).toBe(110);
      expect(damage(true, -1)).toBe(-1);
      expect(damage(true, 105, -3, -300)).toBe(-300);
      expect(damage(false, 4095)).toBe(4095);
      expect(damage(true, 0, 99)).toBe(null);
      blocks.destroy();
    },
  );

  test('that was ended, or is of others, is left alone', () => {
    const blocks = growing();
    const others = growing();
    const first = take(blocks, 10);
    blocks.end(first, 1);
    const second = take(fixed(1), 10);
    const third = take(others, 10);
    for (const block of [first, second, third]) {
      expect(blocks.end(block, 2)).toBe(null);
      blocks.abandon(block);
    }
    expect(blocks.figures()).toMatchObject({ live: 0, quarantined: 1 });
    expect([second.buffer.byteLength, third.buffer.byteLength]).toEqual([10, 10]);
    others.destroy();
  });

  test('has as much of a quarantine behind it as was asked for', () => {
    const blocks = growing(10 * 4096);
    for (let round = 0; round < 100; round++) blocks.end(take(blocks, 1 + round * 40), 1);
    const { live, quarantined, bytesReserved } = blocks.figures();
    expect([live, quarantined]).toEqual([0, 10]);
    expect(bytesReserved).toBe(10 * ((4 << 20) + 4096));
    blocks.destroy();
  });
});

describe.runIf(pages)('a fixed number of slots', () => {
  test('is full when all are taken, and says no to what is larger than a page', () => {
    const blocks = fixed(16);
    expect([blocks.full, blocks.take(4097, 1, true, 1, 'test')]).toEqual([false, null]);
    const all = Array.from({ length: 16 }, () => take(blocks, 4096));
    expect([blocks.full, blocks.take(1, 1, true, 1, 'test'), blocks.figures().refused]).toEqual([
      true,
      null,
      2,
    ]);
    blocks.end(all[5], 1);
    expect([blocks.full, isZero(bytesOf(take(blocks, 4096))), blocks.full]).toEqual([false, true, true]);
    const { bytesReserved } = blocks.figures();
    for (const block of all) blocks.end(block, 1);
    expect(blocks.figures()).toMatchObject({ live: 1, quarantined: 15, bytesMapped: 4096, bytesReserved });
    blocks.destroy();
  });

  test('is free again when the collector has what an interruption has lost', async () => {
    const handle = native.createGuarded(2, 0)!;
    const lose = (): void => {
      for (const slot of [0, 1]) expect(native.guardedTake(handle, 8, 1, true, 1, '')?.slot).toBe(slot);
    };
    lose();
    expect([native.guardedFull(handle), native.guardedTake(handle, 8, 1, true, 1, '')]).toEqual([
      true,
      undefined,
    ]);
    await collectUntil(() => !native.guardedFull(handle));
    expect(native.guardedTake(handle, 8, 1, true, 1, '')).toBeDefined();
    native.destroyGuarded(handle);
    expect(() => native.guardedFull(handle)).toThrow(TypeError);
  });
});

describe.runIf(pages)('memory that is left to the collector', () => {
  test('stays as it is until nothing reaches it, and then goes to the quarantine', async () => {
    const blocks = growing();
    const kept: Uint8Array[] = [];
    const leave = (): void => {
      const block = take(blocks, 5000);
      kept.push(bytesOf(block).fill(3));
      blocks.abandon(block);
      expect(blocks.end(block, 1)).toBe(null);
    };
    leave();
    await settled(() => blocks.figures().live);
    expect(blocks.figures()).toMatchObject({ live: 1, bytesMapped: 8192 });
    expect(kept[0].every((byte) => byte === 3)).toBe(true);
    kept.length = 0;
    await collectUntil(() => blocks.figures().live === 0);
    expect(blocks.figures()).toMatchObject({ live: 0, quarantined: 1, bytesMapped: 0 });
    blocks.destroy();
  });

  test('outlives its blocks, whether they are destroyed or lost', async () => {
    const kept: Uint8Array[] = [];
    const leave = (make: () => GuardedBlocks): void => {
      const [destroyed, lost] = [make(), make()];
      for (const blocks of [destroyed, lost]) {
        const block = take(blocks, 500);
        kept.push(bytesOf(block).fill(4));
        if (blocks === destroyed) blocks.abandon(block);
      }
      destroyed.destroy();
    };
    leave(growing);
    leave(() => fixed(4));
    const newer = growing();
    await settled(() => newer.figures().live);
    for (let block = 0; block < 50; block++) bytesOf(take(newer, 500)).fill(9);
    expect(kept.every((bytes) => bytes.length === 500 && bytes.every((byte) => byte === 4))).toBe(true);
    newer.destroy();
  });

  test.runIf(canEscape)('that a program has moved is its own: ending the block changes nothing', async () => {
    const blocks = growing();
    const block = take(blocks, 500);
    bytesOf(block).fill(5);
    const moved = escape(block.buffer);
    expect([moved.length, blocks.end(block, 1)]).toEqual([500, null]);
    blocks.destroy();
    await settled(() => moved.length);
    expect(moved.every((byte) => byte === 5)).toBe(true);
  });

  test.runIf(canEscape)(
    'of a worker stays whole wherever it has moved, however the worker ends',
    async () => {
      const { stdout } = await runChild(new URL('fixtures/guarded-workers.mjs', import.meta.url), {
        execArgv: ['--expose-gc'],
      });
      expect(stdout).toBe('60 blocks moved\n');
    },
  );
});

test.runIf(pages && process.platform === 'linux')(
  'the end of a worker gives its blocks and their addresses back',
  async () => {
    const { stdout } = await runChild(new URL('fixtures/worker-end.mjs', import.meta.url));
    expect(stdout).toBe('given back\n');
  },
);

test.runIf(pages && process.platform === 'linux')(
  'when mappings run out there are no more blocks, and everything else goes on',
  async () => {
    const { stdout } = await runChild(new URL('fixtures/exhaustion.mjs', import.meta.url));
    expect(stdout).toBe('degraded\n');
  },
);

test('where the engine takes no memory from outside there are no blocks, and each is counted', async () => {
  const program = `
    import { GuardedBlocks } from './dist/debug/guarded-blocks.js';
    const blocks = new GuardedBlocks({ quarantineBytes: 100 });
    console.log(blocks.take(10, 1, true, 1, ''), blocks.take(0, 1, true, 1, ''), blocks.figures().refused);
    blocks.destroy();
    console.log(blocks.take(10, 1, true, 1, ''), blocks.full);
    blocks.destroy();
  `;
  const { stdout } = await runChild(program, { env: { FREEHOLD_BACKING: 'v8' } });
  expect(stdout).toBe('null null 2\nnull false\n');
});
