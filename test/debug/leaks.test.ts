import diagnostics from 'node:diagnostics_channel';

import {
  Arena,
  Heap,
  LeaksError,
  type LeakReport,
  Pool,
  RcHeap,
  RcString,
  configure,
  expectNoLeaks,
  leaks,
  owned,
} from 'freehold';
import { beforeAll, describe, expect, test } from 'vitest';

import { runChild } from '../lib/child.ts';

/** Debug mode in a child: the process of other tests must not have it from the first line on. */
const on = "import { configure } from 'freehold'; configure({ debug: true });";

describe('leaks', () => {
  beforeAll(() => {
    configure({ debug: { onLeak: 'ignore' } });
  });

  test('are grouped by the place that allocated them, the most bytes first, with the age of the oldest', () => {
    using heap = new Heap({ name: 'grouped' });
    const here = (bytes: number) => heap.alloc(bytes);
    for (let i = 0; i < 10; i++) here(100);
    heap.alloc(5000);
    const sites = leaks().sites.filter(({ allocator }) => allocator === 'grouped');
    expect(sites.map(({ bytes, blocks, kind, ended }) => ({ bytes, blocks, kind, ended }))).toEqual([
      { bytes: 5000, blocks: 1, kind: 'heap', ended: 'no' },
      { bytes: 1000, blocks: 10, kind: 'heap', ended: 'no' },
    ]);
    expect(sites[1].site).toMatch(/^ {4}at here \(file:.*leaks\.test\.ts:\d+:\d+\)/);
    expect(sites[1].oldestMs).toBeGreaterThanOrEqual(0);
  });

  test('say what was made of a block: a text, something owned', () => {
    using rc = new RcHeap({ name: 'kinds' });
    const text = RcString.from('a text', { allocator: rc });
    const owner = owned(rc, 16);
    const kinds = leaks()
      .sites.filter(({ allocator }) => allocator === 'kinds')
      .map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['owned', 'string']);
    owner.dispose();
    text[Symbol.dispose]();
  });

  test('name cycles that nothing holds', () => {
    using rc = new RcHeap({ name: 'cycles', automatic: false });
    const [a, b, held] = [1, 2, 3].map(() => rc.alloc(8, { refs: 1 }));
    a.setRef(0, b);
    b.setRef(0, a);
    held.setRef(0, held);
    a.release();
    b.release();
    const [site] = leaks().sites.filter(({ allocator }) => allocator === 'cycles');
    expect(site).toMatchObject({ blocks: 3, inCycles: 2 });
    expect(String(leaks())).toContain('2 in cycles that nothing holds');
    rc.collect();
    held.setRef(0, null);
    held.release();
  });

  test('are none of what ended with its arena', () => {
    const before = leaks().blocks;
    const arena = new Arena();
    arena.alloc(10);
    expect(leaks().blocks).toBe(before + 1);
    arena.reset();
    expect(leaks().blocks).toBe(before);
  });

  test('are told when their allocator is disposed, by a channel, too', () => {
    const told: LeakReport[] = [];
    const published: unknown[] = [];
    const listen = (message: unknown) => published.push(message);
    diagnostics.subscribe('freehold:leak', listen);
    configure({ debug: { onLeak: (report) => told.push(report) } });
    try {
      for (const allocator of [new Heap(), new Pool({ blockBytes: 10 }), new RcHeap()]) {
        allocator.alloc(10);
        allocator.dispose();
      }
      new Heap().dispose();
    } finally {
      diagnostics.unsubscribe('freehold:leak', listen);
      configure({ debug: { onLeak: 'ignore' } });
    }
    expect(told.map(({ bytes, status }) => ({ bytes, status }))).toEqual(
      [1, 2, 3].map(() => ({ bytes: 10, status: 'leak' })),
    );
    expect(published).toEqual(told.map((report) => ({ report })));
  });

  test('are told when the collector has found that their allocator was dropped', async () => {
    const { stderr } = await runChild(
      `${on}
      import { Heap } from 'freehold';
      import { setTimeout as wait } from 'node:timers/promises';
      (() => { new Heap({ name: 'forgotten' }).alloc(123); })();
      for (let i = 0; i < 50; i++) { gc(); await wait(10); }`,
      { execArgv: ['--expose-gc'], expect: { stderr: 'any' } },
    );
    expect(stderr).toMatch(/123 B in 1 block \(heap "forgotten", which was dropped, oldest/);
  });
});

test('the blocks of an arena that was dropped are neither leaks nor alive', async () => {
  const { stdout } = await runChild(
    `${on}
    import { Arena, debugStats } from 'freehold';
    import { setTimeout as wait } from 'node:timers/promises';
    (() => { for (let i = 0; i < 10; i++) new Arena().alloc(10); })();
    for (let i = 0; i < 100 && debugStats().liveBlocks > 0; i++) { gc(); await wait(10); }
    console.log(debugStats().liveBlocks, debugStats().liveBytes);`,
    { execArgv: ['--expose-gc'] },
  );
  expect(stdout).toBe('0 0\n');
});

describe('the end of a process', () => {
  test('with FREEHOLD_DEBUG=1 prints a line for each place, and the sum', async () => {
    const { stderr } = await runChild(
      `import { Heap } from 'freehold';
      const heap = new Heap();
      function first() { return heap.alloc(10); }
      function second() { return heap.alloc(20); }
      for (let i = 0; i < 3; i++) { first(); second(); }
      heap.free(first());`,
      { env: { FREEHOLD_DEBUG: '1' }, expect: { stderr: 'any' } },
    );
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(
        /^freehold: 7 allocations of 100 B in 1 allocator, 100 B at most, 90 B in 6 blocks not freed$/,
      ),
      expect.stringMatching(/^ {2}60 B in 3 blocks \(heap "heap", oldest \d+ ms\) at second \(/),
      expect.stringMatching(/^ {2}30 B in 3 blocks \(heap "heap", oldest \d+ ms\) at first \(/),
    ]);
  });

  test('prints nothing without leaks, and nothing without debug mode', async () => {
    await runChild("import { Heap } from 'freehold'; const heap = new Heap(); heap.free(heap.alloc(1));", {
      env: { FREEHOLD_DEBUG: '1' },
    });
    await runChild("import { Heap } from 'freehold'; globalThis.kept = new Heap().alloc(1);", {
      env: { FREEHOLD_DEBUG: '0' },
    });
  });

  test('has the exit code that was asked for', async () => {
    await runChild(
      "import { Heap, configure } from 'freehold'; configure({ debug: { leakExitCode: 7, onLeak: 'ignore' } }); new Heap().alloc(1);",
      { expect: 7 },
    );
  });

  test('finds who has written to a freed block', async () => {
    const { stderr } = await runChild(
      `${on}
      import { Heap } from 'freehold';
      import koffi from 'koffi';
      const memset = koffi.load(process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6').func('void *memset(void *p, int c, size_t n)');
      const heap = new Heap();
      const block = heap.alloc(64);
      const { address } = block;
      heap.free(block);
      memset(address + 5n, 1, 1);`,
      { expect: { status: 1, stderr: 'any' } },
    );
    expect(stderr).toMatch(
      /byte 5 of a block \(64 bytes, heap "heap"\) was written to after the block was freed/,
    );
    expect(stderr).toMatch(/allocated:\n {4}at [^]*freed:\n {4}at /);
  });

  test('tells of all that was found, and leaves the exit code of the program', async () => {
    const { stderr } = await runChild(
      `${on}
      import { Heap } from 'freehold';
      import koffi from 'koffi';
      const memset = koffi.load(process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6').func('void *memset(void *p, int c, size_t n)');
      const heap = new Heap();
      const blocks = [32, 64].map((bytes) => heap.alloc(bytes));
      const addresses = blocks.map(({ address }) => address);
      for (const block of blocks) heap.free(block);
      for (const address of addresses) memset(address, 1, 1);
      process.exit(3);`,
      { expect: { status: 3, stderr: 'any' } },
    );
    expect(stderr).toMatch(/a block \(32 bytes, heap "heap"\) was written to/);
    expect(stderr).toMatch(/a block \(64 bytes, heap "heap"\) was written to/);
  });

  test('by --import freehold/debug has debug mode from the first line on', async () => {
    const { stderr } = await runChild("import { Heap } from 'freehold'; new Heap().alloc(77);", {
      execArgv: ['--import', 'freehold/debug'],
      expect: { stderr: 'any' },
    });
    expect(stderr).toContain('77 B in 1 block');
  });

  test('with a hundred thousand leaked blocks from three places prints three lines and the sum', async () => {
    const { stderr } = await runChild(
      `import { Heap, configure } from 'freehold';
      configure({ debug: { stackFrames: 3 } });
      const heap = new Heap();
      const places = [() => heap.alloc(8), () => heap.alloc(16), () => heap.alloc(24)];
      for (let i = 0; i < 99_999; i++) places[i % 3]();`,
      { expect: { stderr: 'any' } },
    );
    expect(stderr.trimEnd().split('\n')).toHaveLength(4);
    expect(stderr).toContain('1.6 MB in 99,999 blocks not freed');
  });
});

describe('expectNoLeaks', () => {
  const heap = new Heap();

  test('passes what leaves nothing, and gives its result', async () => {
    expect(expectNoLeaks(() => (heap.free(heap.alloc(10)), 'result'))).toBe('result');
    await expect(
      expectNoLeaks(async () => {
        const block = heap.alloc(10);
        await Promise.resolve();
        heap.free(block);
        return 'later';
      }),
    ).resolves.toBe('later');
    {
      using _check = expectNoLeaks();
    }
  });

  test('fails what leaves blocks, with the stacks', async () => {
    const leave = () => heap.alloc(33);
    const error = (() => {
      try {
        expectNoLeaks(leave);
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(LeaksError);
    expect(error).toMatchObject({ code: 'ERR_FREEHOLD_LEAK', report: { bytes: 33, blocks: 1 } });
    expect((error as Error).message).toMatch(/33 B in 1 block .*\n {4}at leave \(/);
    await expect(expectNoLeaks(async () => Promise.resolve(leave()))).rejects.toThrow(LeaksError);
    expect(() => {
      using _check = expectNoLeaks();
      leave();
    }).toThrow(LeaksError);
  });

  test('records all, also where debug mode takes samples', () => {
    configure({ debug: { record: 'sampled' } });
    try {
      expect(() => {
        expectNoLeaks(() => heap.alloc(44));
      }).toThrow(LeaksError);
    } finally {
      configure({ debug: { record: 'all' } });
    }
  });

  test('does not count what was there before', () => {
    const kept = heap.alloc(1);
    expectNoLeaks(() => undefined);
    heap.free(kept);
  });
});
