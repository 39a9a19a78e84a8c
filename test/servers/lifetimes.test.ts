// When an arena lives and when it does not: streams, events, connections that are kept, and all the ways in which a response ends.
import { once } from 'node:events';
import {
  Agent,
  IncomingMessage,
  type RequestListener,
  ServerResponse,
  createServer,
  request as sendRequest,
} from 'node:http';
import { Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Arena, Block } from 'freehold';
import { arenaHandler, currentArena, readBody } from 'freehold/http';
import { describe, expect, test } from 'vitest';
import { collectUntil } from '../lib/collect.ts';
import { RawClient, deferred, listen, pattern, serve } from './lib/serve.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What an attempt to use the arena of the request gives: 'works', or the code of the error. */
function attempt(use: () => Arena): string {
  try {
    use().alloc(1);
    return 'works';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('streams', () => {
  test('chunks that are blocks arrive whole, and end with the response', async () => {
    const blocks: Block[] = [];
    const finished = deferred();
    const { url } = await serve(
      arenaHandler(async (request, response) => {
        for (let i = 0; i < 200; i++) blocks.push(request.arena.copy(pattern(30_000, i)));
        response.on('close', finished.resolve);
        await pipeline(Readable.from(blocks), response);
      }),
    );
    const body = Buffer.from(await (await fetch(url)).arrayBuffer());
    await finished.promise;
    expect(body.equals(Buffer.concat(Array.from({ length: 200 }, (_, i) => pattern(30_000, i))))).toBe(true);
    expect(new Set(blocks.map((block) => block.length))).toEqual(new Set([0]));
  });

  test('a stream that makes its blocks as it is read may use currentArena(), to the last chunk', async () => {
    const { url } = await serve(
      arenaHandler(async (_request, response) => {
        const parts = async function* () {
          for (let i = 0; i < 50; i++) {
            await turn();
            yield currentArena().alloc(20_000).fill(i);
          }
        };
        await pipeline(Readable.from(parts()), response);
      }),
    );
    const body = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(body.every((byte, at) => byte === Math.floor(at / 20_000))).toBe(true);
    expect(body.length).toBe(1_000_000);
  });

  test('a client that leaves in the middle: the pipeline rejects, the blocks stay, nobody is told', async () => {
    const errors: unknown[] = [];
    const failed = deferred<unknown>();
    const blocks: Block[] = [];
    const { port } = await serve(
      arenaHandler(
        async (request, response) => {
          const parts = function* () {
            for (let i = 0; ; i++) {
              const block = request.arena.alloc(100_000).fill(i);
              blocks.push(block);
              yield block;
            }
          };
          try {
            await pipeline(Readable.from(parts()), response);
          } catch (error) {
            failed.resolve(error);
            throw error;
          }
        },
        { onError: (error) => errors.push(error) },
      ),
    );
    const client = await RawClient.connect(port);
    client.get('/');
    await once(client.socket, 'data');
    client.socket.destroy();
    await failed.promise;
    await turn();
    expect(blocks.every((block, i) => block.length === 100_000 && block[99_999] === i % 256)).toBe(true);
    expect(errors).toEqual([]);
  });
});

test('server-sent events hold the arena until the client closes, and events may be taken back one by one', async () => {
  const kept = deferred<{ arena: Arena; used: number[] }>();
  const { port } = await serve(
    arenaHandler((request, response) => {
      const { arena } = request;
      const used: number[] = [];
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const send = (n: number) => {
        if (arena.disposed) return;
        const event = arena.string(`data: ${n}\n\n`);
        response.write(event, () => {
          if (arena.disposed) return;
          arena.free(event);
          used.push(arena.used);
          setImmediate(send, n + 1);
        });
      };
      send(0);
      kept.resolve({ arena, used });
    }),
  );
  const client = await RawClient.connect(port);
  client.get('/events');
  await client.until((bytes) => bytes.includes('data: 100\n\n'));
  const { arena, used } = await kept.promise;
  expect(arena.disposed).toBe(false);
  expect(new Set(used)).toEqual(new Set([0]));
  client.socket.destroy();
  while (!arena.disposed) await turn();
});

test('requests on one connection that is kept have arenas of their own, one after the other over the same memory', async () => {
  const arenas: Arena[] = [];
  const addresses: bigint[] = [];
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      const body = await readBody(request);
      arenas.push(request.arena);
      addresses.push(body.address);
      response.end(body);
    }),
  );
  const client = await RawClient.connect(port);
  for (let i = 1; i <= 5; i++) {
    client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nbody ${i}`);
    await client.until((bytes) => bytes.includes(`body ${i}`));
  }
  expect(new Set(arenas).size).toBe(5);
  expect(new Set(addresses).size).toBe(1);
});

test('Expect: 100-continue: a body that is too large is refused before the client sends it', async () => {
  const handler = arenaHandler(async (request, response) => {
    const body = readBody(request, { limit: 10 });
    await Promise.race([body, turn()]);
    response.writeContinue();
    response.end(await body);
  });
  const { port, server } = await serve(() => {});
  server.on('checkContinue', handler);
  const head = (length: number) =>
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
  const refused = await RawClient.connect(port);
  refused.socket.write(head(11));
  const response = (await refused.end()).toString();
  expect(response).toMatch(/^HTTP\/1\.1 413 /);
  expect(response).not.toContain('100 Continue');
  const taken = await RawClient.connect(port);
  taken.socket.write(head(4));
  await taken.until((bytes) => bytes.includes('100 Continue\r\n\r\n'));
  taken.socket.write('body');
  expect((await taken.end()).toString()).toMatch(/200 OK[^]*body$/);
});

test('a HEAD request may stream blocks, of which nothing is sent; the arena ends', async () => {
  const blocks: Block[] = [];
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      blocks.push(request.arena.string('one'), request.arena.string('two'));
      await pipeline(Readable.from(blocks), response);
    }),
  );
  expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('');
  expect(blocks.map((block) => block.length)).toEqual([0, 0]);
});

test('trailers: of a request they are there after its body, of a response they follow a block', async () => {
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      const body = await readBody(request);
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write(body);
      response.addTrailers({ 'X-Sum': `${request.trailers['x-sum'] ?? 'none'} again` });
      response.end();
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write(
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nConnection: close\r\n\r\n' +
      '4\r\nbody\r\n0\r\nX-Sum: 42\r\n\r\n',
  );
  expect((await client.end()).toString()).toMatch(/4\r\nbody\r\n0\r\nX-Sum: 42 again\r\n\r\n$/);
});

describe('timeouts', () => {
  test('server.requestTimeout: 408 for the client, readBody rejects, onError hears nothing', async () => {
    const errors: unknown[] = [];
    const failed = deferred<{ error: unknown; arena: Arena }>();
    const server = createServer(
      { headersTimeout: 0, requestTimeout: 500, connectionsCheckingInterval: 50 },
      arenaHandler(
        async (request) => {
          const { arena } = request;
          await readBody(request).catch((error: unknown) => {
            failed.resolve({ error, arena });
            throw error;
          });
        },
        { onError: (error) => errors.push(error) },
      ),
    );
    const client = await RawClient.connect(await listen(server));
    client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf');
    expect((await client.end()).toString()).toMatch(/^HTTP\/1\.1 408 /);
    const { error, arena } = await failed.promise;
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    while (!arena.disposed) await turn();
    expect(errors).toEqual([]);
  });

  for (const listens of [false, true]) {
    test(`response.setTimeout ${listens ? 'with a listener that answers' : 'without a listener breaks the connection'}`, async () => {
      const kept = deferred<{ arena: Arena; block: Block }>();
      const { port } = await serve(
        arenaHandler((request, response) => {
          const block = request.arena.string('late');
          kept.resolve({ arena: request.arena, block });
          response.setTimeout(1, ...(listens ? [() => response.end(block)] : []));
        }),
      );
      const client = await RawClient.connect(port);
      client.get('/', 'Connection: close\r\n');
      const all = (await client.end()).toString();
      const { arena, block } = await kept.promise;
      while (!arena.disposed) await turn();
      expect(all.endsWith('late')).toBe(listens);
      expect(block.toString()).toBe(listens ? '' : 'late');
    });
  }
});

test('a handler that answers after the client left: blocks that it has are valid, a new arena is refused, nobody is told', async () => {
  const errors: unknown[] = [];
  const seen = deferred<unknown[]>();
  const begun = deferred();
  const { port } = await serve(
    arenaHandler(
      async (request, response) => {
        const block = request.arena.string('for nobody');
        begun.resolve();
        await new Promise((resolve) => response.once('close', resolve));
        response.end(block);
        await turn();
        seen.resolve([block.toString(), attempt(() => request.arena), attempt(currentArena)]);
        throw await readBody(request).catch((error: unknown) => error);
      },
      { onError: (error) => errors.push(error) },
    ),
  );
  const client = await RawClient.connect(port);
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n1');
  await begun.promise;
  client.socket.destroy();
  expect(await seen.promise).toEqual(['for nobody', 'ERR_FREEHOLD_DISPOSED', 'ERR_FREEHOLD_DISPOSED']);
  await turn();
  expect(errors).toEqual([]);
});

test('a listener that throws in the middle of a response is the program’s affair; the next request has its arena', async () => {
  const { url } = await serve(
    arenaHandler(
      async (request, response) => {
        response.write(request.arena.string('half'));
        await turn();
        if (request.url === '/fails') throw new Error('mistake');
        response.end(request.arena.string(' and half'));
      },
      { onError: () => {} },
    ),
  );
  await expect(fetch(`${url}/fails`).then((response) => response.text())).rejects.toThrow();
  expect(await (await fetch(url)).text()).toBe('half and half');
});

describe('currentArena()', () => {
  /** In which listeners it works, with an arena that was taken before (`early`), or not. */
  async function listeners(early: boolean): Promise<Record<string, string>> {
    const seen: Record<string, string> = {};
    const closed = deferred();
    const { url } = await serve(
      arenaHandler((request, response) => {
        if (early) request.arena.alloc(1);
        const note = (name: string, emitter: IncomingMessage | ServerResponse, event: string) =>
          emitter.once(event, () => (seen[name] = attempt(currentArena)));
        note('request data', request, 'data');
        note('request end', request, 'end');
        note('response finish', response, 'finish');
        note('response close', response, 'close');
        // The callback of end() comes before or after other listeners of 'finish', as the version of node has it.
        request.on('end', () => response.end('x'));
        response.on('close', closed.resolve);
      }),
    );
    await fetch(url, { method: 'POST', body: 'body' });
    await closed.promise;
    return seen;
  }

  const after = {
    'request data': 'works',
    'request end': 'works',
    'response close': 'ERR_FREEHOLD_DISPOSED',
  };

  test("works in listeners of the request, and of 'finish' where they were there before the arena was", async () => {
    expect(await listeners(false)).toEqual({ ...after, 'response finish': 'works' });
  });

  test("throws ERR_FREEHOLD_DISPOSED in listeners of 'finish' that came after the arena, and from then on", async () => {
    expect(await listeners(true)).toEqual({ ...after, 'response finish': 'ERR_FREEHOLD_DISPOSED' });
  });

  test('works in the callbacks of writes, timers and promises, until the response has finished', async () => {
    const seen: string[] = [];
    const over = deferred();
    const { url } = await serve(
      arenaHandler(async (_request, response) => {
        seen.push(attempt(currentArena));
        await new Promise((resolve) => response.write('x', resolve));
        seen.push(attempt(currentArena));
        setTimeout(() => {
          seen.push(attempt(currentArena));
          response.end();
        }, 1);
        await once(response, 'close');
        seen.push(attempt(currentArena));
        over.resolve();
      }),
    );
    await (await fetch(url)).text();
    await over.promise;
    expect(seen).toEqual(['works', 'works', 'works', 'ERR_FREEHOLD_DISPOSED']);
  });

  test('is not what the client of another request hears on the same connection', async () => {
    const arenas: Arena[] = [];
    const { port } = await serve(
      arenaHandler((request, response) => {
        request.on('data', () => arenas.push(currentArena()));
        request.on('end', () => response.end('x'));
      }),
    );
    const client = await RawClient.connect(port);
    const post = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1';
    client.socket.write(post + post);
    await client.until((bytes) => bytes.toString().split('\r\n\r\nx').length === 3);
    expect(new Set(arenas).size).toBe(2);
  });
});

test('an agent that keeps connections gets every body right, many at a time', async () => {
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      response.end(await readBody(request, { limit: 1 << 20 }));
    }),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const call = async (seed: number) => {
    const bytes = pattern(50_000 + seed * 1000, seed);
    const outgoing = sendRequest({ port, host: '127.0.0.1', method: 'POST', agent });
    outgoing.end(bytes);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).equals(bytes);
  };
  const results = await Promise.all(Array.from({ length: 40 }, (_, seed) => call(seed)));
  agent.destroy();
  expect(new Set(results)).toEqual(new Set([true]));
});

test.each([
  { what: 'that took its arena', use: (arena: () => Arena) => arena().alloc(1) },
  { what: 'that took none', use: () => {} },
])('a connection that is kept does not keep the last request that it had: one $what', async ({ use }) => {
  const last: WeakRef<object>[] = [];
  const { port } = await serve(
    arenaHandler((request, response) => {
      last.push(new WeakRef(request), new WeakRef(response));
      use(currentArena);
      response.end('x');
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await client.until((bytes) => bytes.toString().endsWith('x'));
  await collectUntil(() => last.every((ref) => ref.deref() === undefined));
  expect(last.map((ref) => ref.deref())).toEqual([undefined, undefined]);
  expect(client.socket.destroyed).toBe(false);
});

test('a response that was made for another object than the request ends the arena too', async () => {
  const socket = new Socket();
  const request = new IncomingMessage(socket);
  const response = new ServerResponse(new IncomingMessage(socket));
  response.assignSocket(new PassThrough() as unknown as Socket);
  let arena: Arena | undefined;
  const listener: RequestListener = arenaHandler((request, response) => {
    arena = request.arena;
    response.end('x');
  });
  listener(request, response);
  await once(response, 'finish');
  expect(arena?.disposed).toBe(true);
});
