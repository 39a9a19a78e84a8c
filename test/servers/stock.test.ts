import { once } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type ArenaOptions, memoryStats, trimChunkCache } from 'freehold';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readArenaOptions } from '../../dist/arena-options.js';
import { Stock } from '../../dist/servers/stock.js';
import { allTotals, serverTally, totalsOf } from '../../dist/servers/totals.js';
import { runChild } from '../lib/child.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

interface Policy extends ArenaOptions {
  keep?: number;
  maxBytes?: number;
  idleMs?: number;
}

function stockOf({ keep = Infinity, maxBytes = Infinity, idleMs = Infinity, ...arena }: Policy = {}): Stock {
  const settings = readArenaOptions({ whenPinned: 'orphan', ...arena });
  return new Stock(settings, keep, maxBytes, idleMs);
}

let names = 0;
/** A route that no other test has. */
function routeName(): string {
  return `/route-${++names}`;
}

/** One request that takes `bytes` in one block, or in several. */
function request(stock: Stock, route: string, ...bytes: number[]): number {
  const loan = stock.take(route);
  for (const size of bytes) loan.arena.allocUnsafe(size);
  const { chunks } = loan.arena.stats();
  stock.give(loan, 'finished');
  return chunks;
}

/** What is mapped beside the cache of chunks, in bytes. */
function mapped(): number {
  trimChunkCache();
  return memoryStats().chunks.mappedBytes;
}

function markOf(stock: Stock, name: string): number {
  return [...stock.routes].find((route) => route.totals.name === name)!.mark;
}

describe('sizes', () => {
  test('a route whose requests grow gets arenas afterwards that hold them in one chunk', () => {
    const stock = stockOf();
    const route = routeName();
    const blocks = new Array<number>(10).fill(60 * KiB);
    expect(request(stock, route, ...blocks)).toBeGreaterThan(1);
    expect(request(stock, route, ...blocks)).toBe(1);
    expect(request(stock, route, ...blocks)).toBe(1);
  });

  test('a request that takes exactly as much as the largest before it fits its arena', () => {
    const stock = stockOf();
    for (const size of [64 * KiB, 64 * KiB + 1, 128 * KiB, MiB - 1, MiB]) {
      const route = routeName();
      request(stock, route, size);
      expect(request(stock, route, size)).toBe(1);
    }
  });

  test('initialBytes that are no power of two are rounded up', () => {
    const stock = stockOf({ initialBytes: 5000 });
    request(stock, routeName(), 5000);
    expect(stock.idleBytes).toBe(8 * KiB);
  });

  test('routes of one size share arenas, routes of different sizes do not', () => {
    const stock = stockOf();
    const [small, alike, large] = [routeName(), routeName(), routeName()];
    request(stock, small, 10);
    request(stock, alike, 20);
    expect(stock.idle).toBe(1);
    request(stock, large, MiB);
    request(stock, large, MiB);
    expect(stock.idle).toBe(2);
    request(stock, small, 10);
    expect(stock.idle).toBe(2);
  });

  test('a huge request does not keep its size for ever', () => {
    const stock = stockOf({ keep: 16 * MiB });
    const route = routeName();
    request(stock, route, 100 * MiB);
    expect(markOf(stock, route)).toBe(100 * MiB);
    request(stock, route, 10 * KiB);
    expect(markOf(stock, route)).toBeCloseTo(100 * MiB - (100 * MiB - 10 * KiB) / 32, 0);
    for (let i = 0; i < 400; i++) request(stock, route, 10 * KiB);
    expect(markOf(stock, route)).toBeLessThan(64 * KiB);
    expect(totalsOf(route).peak).toBe(100 * MiB);
    const { arena } = stock.take(route);
    arena.allocUnsafe(10 * KiB);
    expect(arena.stats().bytesReserved).toBeLessThanOrEqual(128 * KiB); // from the cache: up to twice
  });

  test('one small request between large ones does not make the next large one take two chunks', () => {
    const stock = stockOf();
    const route = routeName();
    request(stock, route, 900 * KiB);
    request(stock, route, 1);
    expect(request(stock, route, 900 * KiB)).toBe(1);
  });

  test('a request of more than a gigabyte is expected in chunks of a gigabyte', () => {
    const stock = stockOf({ keep: 0 });
    const route = routeName();
    const loan = stock.take(route);
    loan.route.took(3 * 1024 * MiB);
    stock.give(loan, 'finished');
    const next = stock.take(route);
    expect(next.shelf.bytes).toBe(1024 * MiB);
    stock.give(next, 'finished');
  });
});

describe('what waits', () => {
  test('is counted as it is: the bytes that arenas hold, and not those that they were made for', () => {
    const before = mapped();
    const stock = stockOf();
    const route = routeName();
    request(stock, route); // took nothing: holds nothing
    expect([stock.idle, stock.idleBytes]).toEqual([1, 0]);
    request(stock, route, 1);
    expect([stock.idle, stock.idleBytes, mapped() - before]).toEqual([1, 64 * KiB, 64 * KiB]);
    request(stock, route, 60 * KiB, 60 * KiB); // two chunks: none of them is kept
    expect([stock.idle, stock.idleBytes, mapped() - before]).toEqual([1, 0, 0]);
    for (let i = 0; i < 200; i++) {
      request(stock, route, (i * 7919) % (300 * KiB), (i * 104729) % (300 * KiB));
      expect(stock.idleBytes).toBe(mapped() - before);
    }
    stock.trim();
    expect([stock.idle, stock.idleBytes, mapped() - before]).toEqual([0, 0, 0]);
  });

  test('in mode orphan is nothing, and each request counts as an orphaning', () => {
    const stock = stockOf({ reset: 'orphan' });
    const before = serverTally.orphanings;
    for (let i = 0; i < 3; i++) request(stock, routeName(), 10);
    expect([stock.idleBytes, serverTally.orphanings - before]).toEqual([0, 3]);
  });

  test('is at most maxBytes in all, and the rest is unmapped', () => {
    const before = mapped();
    const stock = stockOf({ maxBytes: 256 * KiB });
    const route = routeName();
    const loans = Array.from({ length: 10 }, () => stock.take(route));
    for (const { arena } of loans) arena.allocUnsafe(100);
    expect([stock.inUse, mapped() - before]).toEqual([10, 640 * KiB]);
    for (const loan of loans) stock.give(loan, 'finished');
    expect([stock.inUse, stock.idle, stock.idleBytes]).toEqual([0, 4, 256 * KiB]);
    expect(mapped() - before).toBe(256 * KiB);
    stock.trim();
  });

  test('is bounded in number where requests take nothing', () => {
    const stock = stockOf({ maxBytes: 256 * KiB });
    const loans = Array.from({ length: 10 }, () => stock.take(''));
    for (const loan of loans) stock.give(loan, 'finished');
    expect([stock.idle, stock.idleBytes]).toEqual([4, 0]);
  });

  test('is at most so many bytes for each arena; an arena that has cost more is unmapped', () => {
    const before = mapped();
    const stock = stockOf({ keep: 100 * KiB });
    const route = routeName();
    request(stock, route, 10);
    expect(stock.idleBytes).toBe(64 * KiB);
    request(stock, route, 90 * KiB);
    request(stock, route, 90 * KiB);
    request(stock, route, 90 * KiB);
    expect([mapped() - before <= 100 * KiB, stock.idleBytes <= 100 * KiB]).toEqual([true, true]);
    stock.trim();
    expect(mapped()).toBe(before);
  });

  test.each([{ keep: 0 }, { maxBytes: 0 }])('is nothing with %o', (policy) => {
    const before = mapped();
    const stock = stockOf(policy);
    request(stock, routeName(), 10);
    expect([stock.idle, stock.idleBytes, mapped()]).toEqual([0, 0, before]);
  });

  test('stays in debug mode within the same bounds', async () => {
    const { stdout } = await runChild(
      `
      import { memoryStats } from 'freehold';
      import { arenaHandler } from 'freehold/http';
      import { createServer } from 'node:http';
      import { once } from 'node:events';
      const server = createServer(arenaHandler((req, res) => res.end(req.arena.string('x')), { retain: 'none' }));
      await once(server.listen(0), 'listening');
      await (await fetch('http://localhost:' + server.address().port)).text();
      server.close();
      server.closeAllConnections();
      console.log(memoryStats().arenas.idle);
      `,
      { env: { FREEHOLD_DEBUG: '1' } },
    );
    expect(stdout.trim()).toBe('0');
  });
});

describe('trims', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('unmap what no request has needed for idleMs, after twice that at the latest, and then nothing runs', () => {
    const before = mapped();
    const [{ trims, trimmedBytes }, stock] = [serverTally, stockOf({ idleMs: 1000 })];
    request(stock, routeName(), 10);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1000);
    expect([stock.idle, mapped() - before]).toEqual([1, 64 * KiB]);
    vi.advanceTimersByTime(1000);
    expect([stock.idle, stock.idleBytes, mapped() - before]).toEqual([0, 0, 0]);
    expect([serverTally.trims - trims, serverTally.trimmedBytes - trimmedBytes]).toEqual([1, 64 * KiB]);
    expect(vi.getTimerCount()).toBe(0);
    request(stock, routeName(), 10);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(2000);
    expect([stock.idle, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test('leave what is needed now and then, as many as are needed at a time', () => {
    const stock = stockOf({ idleMs: 1000 });
    const route = routeName();
    const burst = Array.from({ length: 5 }, () => stock.take(route));
    for (const loan of burst) stock.give(loan, 'finished');
    for (let i = 0; i < 5; i++) {
      const two = [stock.take(route), stock.take(route)];
      for (const loan of two) stock.give(loan, 'finished');
      vi.advanceTimersByTime(1000);
    }
    expect(stock.idle).toBe(2);
    stock.trim();
  });

  test('unmap arenas that hold nothing too', () => {
    const stock = stockOf({ idleMs: 1000 });
    request(stock, routeName());
    expect([stock.idle, stock.idleBytes]).toEqual([1, 0]);
    vi.advanceTimersByTime(2000);
    expect([stock.idle, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test('never come with idleMs: Infinity, and with the longest times a timer can have', () => {
    const stock = stockOf({ idleMs: Infinity });
    request(stock, routeName(), 10);
    expect(vi.getTimerCount()).toBe(0);
    const other = stockOf({ idleMs: 2 ** 40 });
    request(other, routeName(), 10);
    vi.advanceTimersByTime(2 ** 31 - 2);
    expect([stock.idle, other.idle]).toEqual([1, 1]);
    stock.trim();
    other.trim();
  });
});

describe('handlers', () => {
  test('that dispose their arena leave no count behind, and their route as it was', () => {
    const stock = stockOf();
    const route = routeName();
    request(stock, route, 500 * KiB);
    const mark = markOf(stock, route);
    for (let i = 0; i < 10; i++) {
      const loan = stock.take(route);
      loan.arena.allocUnsafe(500 * KiB);
      loan.arena.dispose();
      stock.give(loan, 'finished');
    }
    expect([stock.inUse, stock.idle, markOf(stock, route)]).toEqual([0, 1, mark]);
    expect(totalsOf(route)).toMatchObject({ requests: 11, broken: 0, peak: 500 * KiB });
    stock.trim();
    expect(stock.idleBytes).toBe(0);
  });

  test('that reset their arena on the way are known by the most that it held', () => {
    const stock = stockOf();
    const route = routeName();
    const rounds = () => {
      const loan = stock.take(route);
      for (let round = 0; round < 5; round++) {
        if (round > 0) loan.arena.reset();
        for (let i = 0; i < 20; i++) loan.arena.allocUnsafe(20 * KiB);
      }
      loan.arena.reset();
      const { chunks } = loan.arena.stats();
      stock.give(loan, 'finished');
      return chunks;
    };
    rounds();
    expect(markOf(stock, route)).toBe(400 * KiB);
    expect(rounds()).toBe(1);
    expect(stock.idleBytes).toBe(512 * KiB);
    stock.trim();
  });

  test('that leave a pin behind lose the memory to it, kept or not, and it is counted', () => {
    for (const keep of [Infinity, 0]) {
      const stock = stockOf({ keep });
      const route = routeName();
      const before = serverTally.orphanings;
      const loan = stock.take(route);
      const block = loan.arena.string('still here');
      const pin = block.pin();
      stock.give(loan, 'finished');
      expect([serverTally.orphanings - before, totalsOf(route).pinned]).toEqual([1, 1]);
      expect([block.toString(), stock.idleBytes]).toEqual(['still here', 0]);
      pin.release();
    }
  });

  test('whose connection breaks leave their memory, when they took any', () => {
    const stock = stockOf();
    const route = routeName();
    const { orphanings, resets } = serverTally;
    stock.give(stock.take(route), 'broken');
    expect(serverTally.orphanings - orphanings).toBe(0);
    const loan = stock.take(route);
    const block = loan.arena.string('still here');
    stock.give(loan, 'broken');
    expect([serverTally.orphanings - orphanings, serverTally.resets - resets]).toEqual([1, 0]);
    expect(block.toString()).toBe('still here');
    expect([stock.inUse, stock.idle, totalsOf(route).broken]).toEqual([0, 0, 2]);
  });

  test('with whenPinned: throw are told of pins by a warning', async () => {
    const stock = stockOf({ whenPinned: 'throw' });
    const loan = stock.take('');
    const pin = loan.arena.pin();
    const warning = once(process, 'warning');
    stock.give(loan, 'finished');
    expect((await warning)[0]).toMatchObject({ name: 'FreeholdWarning', code: 'ERR_FREEHOLD_PINNED' });
    pin.release();
  });

  test('find an arena that works, whoever has disposed one that waited', () => {
    const stock = stockOf();
    const seen: { arena: { dispose(): void } }[] = [];
    const listen = (message: unknown) => void seen.push(message as { arena: { dispose(): void } });
    subscribe('freehold:arena.reset', listen);
    request(stock, '', 10);
    unsubscribe('freehold:arena.reset', listen);
    seen[0].arena.dispose();
    expect(request(stock, '', 10)).toBe(1);
    expect(stock.idleBytes).toBe(64 * KiB);
    stock.trim();
  });
});

test('what a stock counts adds up after thousands of random requests', () => {
  const before = mapped();
  const stock = stockOf({ keep: MiB, maxBytes: 2 * MiB });
  const seed = Math.trunc(Math.random() * 2 ** 31);
  let state = seed;
  const random = (below: number) => (state = (state * 48271 + 11) % 2147483647) % below;
  const loans: ReturnType<Stock['take']>[] = [];
  for (let i = 0; i < 3000; i++) {
    if (random(2) === 0 || loans.length === 0) {
      loans.push(stock.take(`/random/${random(5)}`));
      loans.at(-1)!.arena.allocUnsafe(random(10) === 0 ? random(3 * MiB) : random(100 * KiB));
    } else {
      const [loan] = loans.splice(random(loans.length), 1);
      if (random(50) === 0) loan.arena.dispose();
      else if (random(20) === 0) loan.arena.reset();
      stock.give(loan, 'finished');
    }
    if (random(200) === 0) stock.trim();
    if (stock.inUse !== loans.length || stock.idleBytes > 2 * MiB) throw new Error(`seed ${seed}, step ${i}`);
  }
  for (const loan of loans) stock.give(loan, 'finished');
  expect([stock.inUse, stock.idleBytes], `seed ${seed}`).toEqual([0, mapped() - before]);
  stock.trim();
  expect([stock.idle, mapped()], `seed ${seed}`).toEqual([0, before]);
});

// The last one: names of routes are bounded in the thread as well.
test('routes are 1,000 at most, in a server and in all of them together: the rest is one, and nothing is lost', () => {
  const requests = () => [...allTotals()].reduce((sum, totals) => sum + totals.requests, 0);
  const before = requests();
  const [stock, other] = [stockOf(), stockOf()];
  for (let i = 0; i < 1001; i++) request(stock, `/many/${i}`, 10);
  expect([...stock.routes]).toHaveLength(1000);
  for (let i = 0; i < 3000; i++) request(other, `/more/${i}`, 10);
  expect([...other.routes]).toHaveLength(1000);
  expect([...allTotals()].length).toBeLessThanOrEqual(1000);
  expect(requests() - before).toBe(4001);
});
