// What happens to an arena when the connection breaks before the response has finished.
import { once } from 'node:events';
import { randomFill } from 'node:crypto';
import { promisify } from 'node:util';
import { type Arena, type Block, memoryStats } from 'freehold';
import { arenaHandler } from 'freehold/http';
import { expect, test } from 'vitest';
import { RawClient, closed, deferred, fillPattern, pattern, serve } from './lib/serve.ts';

interface Kept {
  arena: Arena;
  block: Block;
}

/** More than the sockets between client and server can hold. */
const LARGE = 32 * 1024 * 1024;

test('blocks of a response that is broken off stay valid, and the arena throws', async () => {
  const kept = deferred<Kept>();
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      const { arena } = request;
      const block = fillPattern(arena.allocUnsafe(LARGE), 1);
      response.end(block);
      await closed(request);
      kept.resolve({ arena, block });
    }),
  );
  const client = await RawClient.connect(port);
  client.get('/');
  await once(client.socket, 'data');
  client.socket.destroy();
  const { arena, block } = await kept.promise;
  expect(arena.disposed).toBe(true);
  expect(block.equals(pattern(LARGE, 1))).toBe(true);
});

test('blocks stay valid when writes fail and nobody reads from the connection', async () => {
  const kept = deferred<Kept>();
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      const { arena } = request;
      const block = fillPattern(arena.allocUnsafe(LARGE), 2);
      response.write(block.subarray(0, LARGE / 2)); // the upload is never read
      response.end(block.subarray(LARGE / 2));
      await closed(request);
      kept.resolve({ arena, block });
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${LARGE}\r\n\r\n`);
  await once(client.socket, 'data');
  client.socket.pause();
  client.socket.write(Buffer.alloc(1 << 20));
  client.socket.resetAndDestroy();
  const { block } = await kept.promise;
  expect(block.equals(pattern(LARGE, 2))).toBe(true);
});

test('blocks stay valid when the server itself destroys the connection', async () => {
  const kept = deferred<Kept>();
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      const { arena } = request;
      const block = fillPattern(arena.allocUnsafe(LARGE), 3);
      response.end(block);
      await new Promise((resolve) => setImmediate(resolve));
      request.socket.destroy();
      await closed(request);
      kept.resolve({ arena, block });
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.pause();
  client.get('/');
  const { block } = await kept.promise;
  expect(block.equals(pattern(LARGE, 3))).toBe(true);
});

test('a client that leaves before the answer: blocks stay valid, the arena throws, onError hears nothing', async () => {
  const errors: unknown[] = [];
  const kept = deferred<Kept & { late: unknown }>();
  const begun = deferred();
  const { port } = await serve(
    arenaHandler(
      async (request) => {
        const { arena } = request;
        const block = arena.copy(pattern(1000, 4));
        begun.resolve();
        await closed(request);
        try {
          request.arena.alloc(1);
        } catch (late) {
          kept.resolve({ arena, block, late });
          throw late;
        }
      },
      { onError: (error) => errors.push(error) },
    ),
  );
  const client = await RawClient.connect(port);
  client.get('/');
  await begun.promise;
  client.socket.destroy();
  const { arena, block, late } = await kept.promise;
  expect(late).toMatchObject({ code: 'ERR_FREEHOLD_DISPOSED' });
  expect(() => arena.alloc(1)).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_DISPOSED' }));
  expect(block.equals(pattern(1000, 4))).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([]);
});

test('a client that leaves while it uploads: what was read stays valid, onError hears nothing', async () => {
  const errors: unknown[] = [];
  const kept = deferred<Block[]>();
  const begun = deferred();
  const { port } = await serve(
    arenaHandler(
      async (request, response) => {
        const parts: Block[] = [];
        try {
          for await (const chunk of request) {
            parts.push(request.arena.copy(chunk as Buffer));
            begun.resolve();
          }
          response.end();
        } finally {
          await closed(request);
          kept.resolve(parts);
        }
      },
      { onError: (error) => errors.push(error) },
    ),
  );
  const client = await RawClient.connect(port);
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
  client.socket.write(pattern(1000, 5));
  await begun.promise;
  client.socket.destroy();
  const parts = await kept.promise;
  expect(Buffer.concat(parts).equals(pattern(1000, 5).subarray(0, Buffer.concat(parts).length))).toBe(true);
  expect(parts[0].length).toBeGreaterThan(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([]);
});

test('pipelined requests that wait for their turn are broken off with their connection', async () => {
  const kept: Kept[] = [];
  const all = deferred();
  const gone = deferred();
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      const { arena } = request;
      const block = arena.alloc(1000).fill(request.url!);
      kept.push({ arena, block });
      if (kept.length === 3) all.resolve();
      // The first never answers; the others have, and wait.
      if (request.url !== '/1') response.end(block);
      await closed(request);
      gone.resolve();
    }),
  );
  const client = await RawClient.connect(port);
  for (const path of ['/1', '/2', '/3']) client.get(path);
  await all.promise;
  client.socket.destroy();
  await gone.promise;
  expect(kept.map(({ arena }) => arena.disposed)).toEqual([true, true, true]);
  expect(kept.map(({ block }) => block.toString('latin1', 0, 2))).toEqual(['/1', '/2', '/3']);
});

test('memory of a broken request is not used again while native work on it may run', async () => {
  const fill = promisify(randomFill);
  const done = deferred();
  let rounds = 0;
  const { port, url } = await serve(
    arenaHandler(async (request, response) => {
      if (request.url === '/next') {
        response.end(request.arena.alloc(1 << 16).fill(9));
        return;
      }
      const block = request.arena.allocUnsafe(1 << 16);
      const filling = fill(block); // not pinned: the client leaves while it runs
      request.socket.destroy();
      await filling;
      expect(block.length).toBe(1 << 16);
      if (++rounds === 20) done.resolve();
    }),
  );
  const nine = Buffer.alloc(1 << 16, 9);
  for (let i = 0; i < 20; i++) {
    const client = await RawClient.connect(port);
    client.get('/');
    await client.end();
    const answer = Buffer.from(await (await fetch(`${url}/next`)).arrayBuffer());
    expect(answer.equals(nine)).toBe(true);
  }
  await done.promise;
});

test('arenas of broken requests are not leaked', async () => {
  const before = memoryStats().arenas.count;
  const begun: (() => void)[] = [];
  const gone: Promise<void>[] = [];
  const { port } = await serve(
    arenaHandler((request) => {
      request.arena.alloc(1000);
      gone.push(closed(request));
      begun.shift()?.();
    }),
  );
  for (let i = 0; i < 10; i++) {
    const client = await RawClient.connect(port);
    const here = deferred();
    begun.push(here.resolve);
    client.get('/');
    await here.promise;
    client.socket.destroy();
  }
  await Promise.all(gone);
  // Fewer when the collector came by and took one that an earlier test had dropped.
  expect(memoryStats().arenas.count).toBeLessThanOrEqual(before);
});
