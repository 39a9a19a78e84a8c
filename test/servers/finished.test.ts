import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Arena, type Block, memoryStats } from 'freehold';
import { type ArenaRequest, arenaHandler } from 'freehold/http';
import { expect, test } from 'vitest';
import { settled } from '../lib/collect.ts';
import { RawClient, deferred, serve } from './lib/serve.ts';

const text = async (url: string) => (await fetch(url)).text();

/** Resolves when a response has finished and everyone who listens was told. */
async function finished(response: ServerResponse): Promise<void> {
  await once(response, 'close');
}

test('a block has length 0 when its response has finished', async () => {
  const seen = deferred<{ during: number; after: number; view: number }>();
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      const block = request.arena.string('hello');
      const view = block.subarray(1);
      const during = block.length;
      response.end(block);
      await once(response, 'finish');
      seen.resolve({ during, after: block.length, view: view.length });
    }),
  );
  expect(await text(url)).toBe('hello');
  expect(await seen.promise).toEqual({ during: 5, after: 0, view: 0 });
});

test('an arena that a handler kept throws ERR_FREEHOLD_DISPOSED when the response has finished', async () => {
  const kept = deferred<Arena>();
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      const { arena } = request;
      response.end(arena.string('x'));
      await finished(response);
      kept.resolve(arena);
    }),
  );
  await text(url);
  const arena = await kept.promise;
  expect(arena.disposed).toBe(true);
  for (const use of [
    () => arena.alloc(1),
    () => arena.allocUnsafe(1),
    () => arena.bump(1),
    () => arena.buffer,
    () => arena.mark(),
    () => arena.reset(),
    () => arena.pin(),
    () => (arena.limit = 1),
  ]) {
    expect(use).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_DISPOSED' }));
  }
});

test('what a handler does with a kept arena does not reach the next request', async () => {
  let kept: Arena | null = null;
  const { url } = await serve(
    arenaHandler((request, response) => {
      const block = request.arena.string(request.url!);
      for (const use of [() => kept?.reset(), () => kept?.dispose(), () => kept?.rewind(kept.mark())]) {
        try {
          use();
        } catch {
          // ERR_FREEHOLD_DISPOSED
        }
      }
      kept = request.arena;
      response.end(block);
    }),
  );
  for (const path of ['/one', '/two', '/three']) expect(await text(url + path)).toBe(path);
});

test('the next request gets the same memory, and a new arena', async () => {
  const arenas: Arena[] = [];
  const addresses: bigint[] = [];
  const { url } = await serve(
    arenaHandler((request, response) => {
      const block = request.arena.string('x');
      arenas.push(request.arena);
      addresses.push(block.address);
      response.end(block);
    }),
  );
  for (let i = 0; i < 3; i++) await text(url);
  expect(new Set(addresses).size).toBe(1);
  expect(new Set(arenas).size).toBe(3);
});

test('zeroed blocks are zero after another request wrote there', async () => {
  const { url } = await serve(
    arenaHandler((request, response) => {
      const block = request.arena.alloc(100_000);
      const sum = block.reduce((total, byte) => total + byte, 0);
      block.fill(0xff);
      response.end(String(sum));
    }),
  );
  for (let i = 0; i < 4; i++) expect(await text(url)).toBe('0');
});

test('a limit that a handler sets ends with its request', async () => {
  const { url } = await serve(
    arenaHandler(
      (request, response) => {
        const { limit } = request.arena;
        request.arena.alloc(4000);
        request.arena.limit = 10;
        response.end(String(limit));
      },
      { limitBytes: 5000 },
    ),
  );
  expect(await text(url)).toBe('5000');
  expect(await text(url)).toBe('5000');
});

test('a request that does not ask for its arena takes none', async () => {
  const before = await settled(() => memoryStats().arenas.count);
  const { url } = await serve(
    arenaHandler((request, response) => {
      response.end(String('arena' in request && memoryStats().arenas.count - before));
    }),
  );
  expect(await text(url)).toBe('0');
});

test('more than maxPooledBytes are not kept', async () => {
  const before = await settled(() => memoryStats().arenas.count);
  const gate = deferred();
  let inside = 0;
  const all = deferred();
  const { url, server } = await serve(
    arenaHandler(
      async (request, response) => {
        const block = request.arena.string('x');
        if (++inside === 5) all.resolve();
        await gate.promise;
        response.end(block);
      },
      { maxPooledBytes: 2 * 64 * 1024 },
    ),
  );
  let closed = 0;
  const done = deferred();
  server.on('request', (_request, response) => {
    response.on('close', () => ++closed === 5 && done.resolve());
  });
  const answers = Array.from({ length: 5 }, () => text(url));
  await all.promise;
  expect(memoryStats().arenas.count - before).toBe(5);
  gate.resolve();
  await Promise.all([...answers, done.promise]);
  expect(memoryStats().arenas.count - before).toBe(2);
});

test('an arena that is pinned when the response has finished leaves its memory to the pin', async () => {
  const before = await settled(() => memoryStats().arenas.count);
  const kept = deferred<{ block: Block; release: () => void }>();
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      if (request.url === '/next') {
        response.end(request.arena.alloc(1000).fill(7));
        return;
      }
      const block = request.arena.string('pinned');
      const pin = block.pin();
      response.end(block);
      await finished(response);
      kept.resolve({ block, release: () => pin.release() });
    }),
  );
  expect(await text(url)).toBe('pinned');
  const { block, release } = await kept.promise;
  for (let i = 0; i < 3; i++) await text(`${url}/next`);
  expect(block.toString()).toBe('pinned');
  release();
  // The arena itself goes on, with other memory. Fewer when the collector took one that an earlier test had dropped.
  expect(memoryStats().arenas.count - before).toBeLessThanOrEqual(1);
});

test('a marked arena is whole again for the next request', async () => {
  const { url } = await serve(
    arenaHandler((request, response) => {
      const { arena } = request;
      arena.alloc(100);
      arena.mark();
      arena.alloc(1_000_000);
      response.end(arena.string(String(arena.used >= 1_000_000)));
    }),
  );
  for (let i = 0; i < 3; i++) expect(await text(url)).toBe('true');
});

test('a handler may dispose its arena: the response is its own affair, the next request gets another', async () => {
  const { url } = await serve(
    arenaHandler((request, response) => {
      const copy = request.arena.promote(request.arena.string('bye'));
      request.arena.dispose();
      response.end(copy);
    }),
  );
  expect(await text(url)).toBe('bye');
  expect(await text(url)).toBe('bye');
});

test('req.arena throws ERR_FREEHOLD_DISPOSED when the response was ended without it', async () => {
  const seen = deferred<unknown>();
  const { url } = await serve(
    arenaHandler((request, response) => {
      response.end('x');
      try {
        request.arena.alloc(1);
      } catch (error) {
        seen.resolve(error);
      }
    }),
  );
  await text(`${url}/path`);
  expect(await seen.promise).toMatchObject({
    code: 'ERR_FREEHOLD_DISPOSED',
    message: expect.stringContaining('GET /path') as string,
  });
});

test('responses without a body end the arena: HEAD, 204, 304', async () => {
  const blocks: Block[] = [];
  const { url } = await serve(
    arenaHandler((request, response) => {
      const block = request.arena.string('body');
      blocks.push(block);
      response.statusCode = Number(request.url!.slice(1));
      response.end(block);
    }),
  );
  for (const [path, method] of [
    ['/200', 'HEAD'],
    ['/204', 'GET'],
    ['/304', 'GET'],
  ] as const) {
    const response = await fetch(url + path, { method });
    expect(await response.text()).toBe('');
    expect(response.status).toBe(Number(path.slice(1)));
  }
  expect(blocks.map((block) => block.length)).toEqual([0, 0, 0]);
});

test('HEAD through a connection that is kept: the next answer is not shifted', async () => {
  const { port } = await serve(
    arenaHandler((request, response) => {
      response.end(request.arena.string(`body of ${request.method!}`));
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write(
    'HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  const all = (await client.end()).toString();
  expect(all.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  expect(all).not.toContain('body of HEAD');
  expect(all.endsWith('body of GET')).toBe(true);
});

test('a connection that is closed after the response gives its arena back all the same', async () => {
  const addresses: bigint[] = [];
  const { port } = await serve(
    arenaHandler((request, response) => {
      const block = request.arena.string('x');
      addresses.push(block.address);
      response.end(block);
    }),
  );
  for (const version of ['1.0', '1.1', '1.0']) {
    const client = await RawClient.connect(port);
    client.socket.write(`GET / HTTP/${version}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect((await client.end()).toString()).toMatch(/\r\n\r\nx$/);
  }
  expect(new Set(addresses).size).toBe(1);
});

test('a kept connection gathers no listeners', async () => {
  const counts: number[] = [];
  const { port } = await serve(
    arenaHandler((request, response) => {
      response.end(request.arena.string('x'));
      counts.push(request.socket.listenerCount('close'));
    }),
  );
  const client = await RawClient.connect(port);
  for (let i = 1; i <= 20; i++) {
    client.get('/');
    await client.until((bytes) => (bytes.toString().match(/\r\n\r\nx/g) ?? []).length === i);
  }
  expect(counts[19]).toBe(counts[0]);
});

test('pipelined requests have arenas of their own, whatever the order of their answers', async () => {
  const responses: (() => void)[] = [];
  const { port } = await serve(
    arenaHandler((request: ArenaRequest, response) => {
      const block = request.arena.alloc(50_000).fill(request.url!.slice(1));
      responses.push(() => response.end(block));
      // All three are held before the last is answered first.
      if (responses.length === 3) for (const respond of responses.toReversed()) respond();
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write(['a', 'b', 'c'].map((path) => `GET /${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  const all = (await client.until((bytes) => bytes.length > 150_000 && bytes.at(-1) === 0x63)).toString();
  const bodies = [...all.matchAll(/\r\n\r\n([abc]{50000})/g)].map(([, body]) => new Set(body));
  expect(bodies).toEqual([new Set('a'), new Set('b'), new Set('c')]);
});

test('Expect: 100-continue works, by itself and through checkContinue', async () => {
  const handler = arenaHandler(async (request, response) => {
    const parts: Block[] = [];
    for await (const chunk of request) parts.push(request.arena.copy(chunk as Buffer));
    response.end(Buffer.concat(parts));
  });
  const { port, server } = await serve(handler);
  const exchange = async () => {
    const client = await RawClient.connect(port);
    client.socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
    );
    await client.until((bytes) => bytes.includes('100 Continue\r\n\r\n'));
    client.socket.write('body');
    return (await client.end()).toString();
  };
  expect(await exchange()).toMatch(/200 OK[^]*body$/);
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    handler(request, response);
  });
  expect(await exchange()).toMatch(/200 OK[^]*body$/);
});

test('upgrade and CONNECT stay the business of their own listeners', async () => {
  let requests = 0;
  const { server, port } = await serve(
    arenaHandler((request, response) => {
      requests++;
      response.end(request.arena.string('plain'));
    }),
  );
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nupgraded'));
  server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 Connected\r\n\r\ntunnel'));
  const upgrade = await RawClient.connect(port);
  upgrade.get('/', 'Connection: Upgrade\r\nUpgrade: x\r\n');
  expect((await upgrade.end()).toString()).toContain('upgraded');
  const tunnel = await RawClient.connect(port);
  tunnel.socket.write('CONNECT somewhere:1 HTTP/1.1\r\nHost: somewhere:1\r\n\r\n');
  expect((await tunnel.end()).toString()).toContain('tunnel');
  expect(requests).toBe(0);
  expect(await text(`http://127.0.0.1:${port}`)).toBe('plain');
});

test('an upgrade that nobody listens for is an ordinary request', async () => {
  const { port } = await serve(
    arenaHandler((request, response) => response.end(request.arena.string('plain'))),
  );
  const client = await RawClient.connect(port);
  client.get('/', 'Connection: Upgrade\r\nUpgrade: x\r\n');
  await client.until((bytes) => bytes.includes('plain'));
});

test('a nested handler shares the arena of the outer one', async () => {
  const inner = arenaHandler((request, response) => {
    response.end(request.arena.string(String(request.arena.name === 'request' && request.arena.used > 0)));
  });
  let outerArena: Arena | undefined;
  const { url } = await serve(
    arenaHandler((request, response) => {
      outerArena = request.arena;
      outerArena.alloc(64);
      inner(request, response);
    }),
  );
  expect(await text(url)).toBe('true');
  expect(outerArena!.disposed).toBe(true);
});
