// What holds for every adapter, whatever the framework; each of them is set up by its own test file.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Arena, Block } from 'freehold';
import { type ArenasOptions, currentArena, readBody } from 'freehold/http';
import { beforeEach, expect, test } from 'vitest';
import { RawClient, closed, deferred, fillPattern, pattern } from './serve.ts';
import { type Stock, allStocks } from '../../../dist/servers/stock.js';
import { allTotals } from '../../../dist/servers/totals.js';

/** A request as the tests see it. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  /** The arena as the framework's users get it. */
  arena(): Arena;
  /** The body, parsed by the framework or by what is usual with it. */
  text(): Promise<string>;
}

export interface Setup {
  /** Answers with what it returns. */
  readonly handle: (exchange: Exchange) => unknown;
  /** Called before the body is read. */
  readonly early?: (exchange: Omit<Exchange, 'text'>) => void;
  readonly options?: ArenasOptions;
}

/** A server of a framework with `arenas(options)`, used twice, on all paths, until the test is over; resolves with its port. */
export type Start = (setup: Setup) => Promise<number>;

/** More than the sockets between client and server can hold. */
const LARGE = 32 * 1024 * 1024;

const urlOf = (port: number, path = '/') => `http://127.0.0.1:${port}${path}`;

/** The stock of the arenas() that was called last. */
export function lastStock(): Stock {
  return allStocks().at(-1)!;
}

let takenBefore = 0;

/** How many requests have taken arenas and ended since the test began. */
function taken(): number {
  return [...allTotals()].reduce((sum, { requests }) => sum + requests, -takenBefore);
}

/** How the routes were called that have taken arenas, in alphabetical order. */
export function routeNames(stock: Stock): string[] {
  return [...stock.routes].map(({ totals }) => totals.name).sort();
}

/** The tests. They are to be called inside of a `describe` of the framework. */
export function behavesLikeAnAdapter(start: Start): void {
  givesArenas(start);
  knowsTheCurrentArena(start);
}

/** What holds for functions of `lazyArenas()` as well. */
export function givesArenas(start: Start): void {
  beforeEach(() => {
    takenBefore = 0;
    takenBefore = taken();
  });

  test('a block is a response body, and the arena ends when the response has finished', async () => {
    const kept: { arena: Arena; block: Block }[] = [];
    const port = await start({
      handle({ arena, incoming }) {
        const block = arena().string(`hello ${incoming.url!}`);
        kept.push({ arena: arena(), block });
        return block;
      },
    });
    for (const path of ['/you', '/me']) {
      expect(await (await fetch(urlOf(port, path))).text()).toBe(`hello ${path}`);
    }
    expect(kept.map(({ block }) => block.length)).toEqual([0, 0]);
    expect(kept.map(({ arena }) => arena.disposed)).toEqual([true, true]);
  });

  test('a stream of blocks is a response body: every byte arrives, then the blocks end', async () => {
    const blocks: Block[] = [];
    const port = await start({
      handle({ arena }) {
        const from = arena();
        return Readable.from(
          (function* () {
            for (let i = 0; i < 20; i++) {
              const block = fillPattern(from.allocUnsafe(50_000), i);
              blocks.push(block);
              yield block;
            }
          })(),
        );
      },
    });
    const answer = Buffer.from(await (await fetch(urlOf(port))).arrayBuffer());
    const wanted = Buffer.concat(Array.from({ length: 20 }, (_, i) => pattern(50_000, i)));
    expect(answer.equals(wanted)).toBe(true);
    expect(blocks.length).toBe(20);
    expect(blocks.every((block) => block.length === 0)).toBe(true);
  });

  test('a request that does not ask for its arena takes none', async () => {
    const port = await start({
      handle: ({ arena, incoming }) => (incoming.url === '/' ? 'none' : arena().string('one')),
    });
    expect(await (await fetch(urlOf(port))).text()).toBe('none');
    expect(taken()).toBe(0);
    expect(await (await fetch(urlOf(port, '/one'))).text()).toBe('one');
    expect(taken()).toBe(1);
  });

  test('arenas used twice: one request, one arena', async () => {
    const early: Arena[] = [];
    const port = await start({
      early: ({ arena }) => void early.push(arena()),
      handle: ({ arena }) => arena().string(String(arena() === early[0])),
    });
    expect(await (await fetch(urlOf(port))).text()).toBe('true');
    expect(taken()).toBe(1);
  });

  test('a client that leaves while it reads: blocks stay valid, the arena throws, the server lives on', async () => {
    const kept = deferred<{ arena: Arena; block: Block }>();
    const port = await start({
      handle({ arena: arenaOf, incoming }) {
        const arena = arenaOf();
        if (incoming.url === '/next') return arena.string('next');
        const block = fillPattern(arena.allocUnsafe(LARGE), 1);
        void closed(incoming).then(() => {
          kept.resolve({ arena, block });
        });
        return block;
      },
    });
    const client = await RawClient.connect(port);
    client.get('/');
    await once(client.socket, 'data');
    client.socket.destroy();
    const { arena, block } = await kept.promise;
    expect(arena.disposed).toBe(true);
    expect(block.equals(pattern(LARGE, 1))).toBe(true);
    expect(await (await fetch(urlOf(port, '/next'))).text()).toBe('next');
  });

  test('a client that leaves while it uploads: blocks stay valid, the arena throws, the server lives on', async () => {
    const kept = deferred<{ arena: Arena; block: Block }>();
    const begun = deferred();
    const port = await start({
      early({ arena: arenaOf, incoming }) {
        if (incoming.method !== 'POST') return;
        const arena = arenaOf();
        const block = arena.copy(pattern(1000, 4));
        incoming.once('data', begun.resolve);
        void closed(incoming).then(() => {
          kept.resolve({ arena, block });
        });
      },
      async handle({ arena, text }) {
        await text();
        return arena().string('next');
      },
    });
    const client = await RawClient.connect(port);
    client.socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n',
    );
    client.socket.write(pattern(1000, 5));
    await begun.promise;
    client.socket.destroy();
    const { arena, block } = await kept.promise;
    expect(() => arena.alloc(1)).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_DISPOSED' }));
    expect(block.equals(pattern(1000, 4))).toBe(true);
    expect(await (await fetch(urlOf(port))).text()).toBe('next');
  });

  test('a handler that fails: 500, the arena ends, the next request is served', async () => {
    const blocks: Block[] = [];
    const port = await start({
      async handle({ arena, incoming }) {
        const block = arena().string('fine');
        blocks.push(block);
        await new Promise((resolve) => setImmediate(resolve));
        if (incoming.url === '/fail') throw new Error('the mistake of a test');
        return block;
      },
    });
    expect((await fetch(urlOf(port, '/fail'))).status).toBe(500);
    expect(await (await fetch(urlOf(port))).text()).toBe('fine');
    expect(blocks.map((block) => block.length)).toEqual([0, 0]);
  });

  test('a limit is answered with 503, onLimit is told, and the next request is served', async () => {
    const told: unknown[] = [];
    const port = await start({
      handle: ({ arena, incoming }) =>
        arena()
          .alloc(incoming.url === '/large' ? 20_000 : 5, 1)
          .fill('x'),
      options: { limitBytes: 10_000, onLimit: (error, { url }) => told.push([error.code, url]) },
    });
    for (let i = 0; i < 3; i++) {
      const refused = await fetch(urlOf(port, '/large'));
      await refused.text();
      expect(refused.status).toBe(503);
      expect(await (await fetch(urlOf(port))).text()).toBe('xxxxx');
    }
    expect(told).toEqual(Array.from({ length: 3 }, () => ['ERR_FREEHOLD_LIMIT', '/large']));
  });

  test('the arena is there for readBody(), by the request of Node', async () => {
    const port = await start({
      handle: async ({ arena, incoming }) => {
        if (incoming.method === 'GET') return arena().string('none');
        const whole = arena();
        // What parsers of the framework have read already cannot be read again; there is an arena to read it into.
        const why = await readBody(incoming).then(String, String);
        return whole.string(why.includes('has no arena') ? why : 'found');
      },
    });
    const init = { method: 'POST', body: 'body', headers: { 'Content-Type': 'text/plain' } };
    expect(await (await fetch(urlOf(port), init)).text()).toBe('found');
  });
}

function knowsTheCurrentArena(start: Start): void {
  test('arenas used twice: currentArena() is the arena of the request', async () => {
    const port = await start({
      early: ({ arena }) => void arena().string('early'),
      handle: ({ arena }) => arena().string(String(arena() === currentArena())),
    });
    expect(await (await fetch(urlOf(port))).text()).toBe('true');
  });

  test('currentArena() is the arena of the request: after the body, after awaits, and never that of another', async () => {
    const COUNT = 20;
    const all = deferred();
    let arrived = 0;
    const port = await start({
      async handle({ arena, text, incoming }) {
        const found = [currentArena()];
        const body = await text();
        found.push(currentArena());
        if (++arrived === COUNT) all.resolve();
        await all.promise; // all of them are under way
        found.push(currentArena());
        await new Promise((resolve) => setImmediate(resolve));
        found.push(currentArena());
        await new Promise<void>((resolve) => {
          process.nextTick(() => {
            found.push(currentArena());
            resolve();
          });
        });
        const whose = found.every((one) => one === arena()) && body === `body of ${incoming.url!}`;
        return arena().string(`${incoming.url!} ${whose}`);
      },
    });
    const answers = Array.from({ length: COUNT }, async (_, i) => {
      const init = { method: 'POST', body: `body of /${i}`, headers: { 'Content-Type': 'text/plain' } };
      return (await fetch(urlOf(port, `/${i}`), init)).text();
    });
    expect(await Promise.all(answers)).toEqual(Array.from({ length: COUNT }, (_, i) => `/${i} true`));
  });

  test('currentArena() is there in listeners of the request, whose events come from the connection', async () => {
    const found: boolean[] = [];
    const port = await start({
      early({ incoming, arena: arenaOf }) {
        const arena = arenaOf();
        incoming.once('end', () => found.push(currentArena() === arena));
      },
      handle: async ({ text, arena }) => arena().string(await text()),
    });
    const init = { method: 'POST', body: 'body', headers: { 'Content-Type': 'text/plain' } };
    expect(await (await fetch(urlOf(port), init)).text()).toBe('body');
    expect(found).toEqual([true]);
  });

  test('context: false: currentArena() throws, and the arena is there all the same', async () => {
    const port = await start({
      handle({ arena }) {
        expect(() => currentArena()).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_NO_REQUEST' }));
        return arena().string('there');
      },
      options: { context: false },
    });
    expect(await (await fetch(urlOf(port))).text()).toBe('there');
  });

  test('outside of requests there is none: currentArena() throws', async () => {
    await start({ handle: () => 'unused' });
    expect(() => currentArena()).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_NO_REQUEST' }));
  });
}
