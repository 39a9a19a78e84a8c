// Connections that have left HTTP: WebSockets by the real `ws`, and upgrades by hand.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Arena, type Block, FreeholdError } from 'freehold';
import {
  type ArenaRequest,
  type ArenaUpgradeHandler,
  type ArenaUpgradeOptions,
  arenaHandler,
  arenaUpgrade,
  currentArena,
} from 'freehold/http';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { RawClient, deferred, listen, pattern } from './lib/serve.ts';

const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: x\r\n';
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A server for upgrades, and the errors that it reports. */
async function serveUpgrade(handler: ArenaUpgradeHandler, options?: ArenaUpgradeOptions) {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const server = createServer(
    arenaHandler((request, response) => response.end(request.arena.string('plain'))),
  );
  server.on('upgrade', arenaUpgrade(handler, { onError, ...options }));
  server.on('connect', arenaUpgrade(handler, { onError, ...options }));
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { errors, port: await listen(server) };
}

/** A server that echoes messages out of blocks, and what it holds. */
async function serveEcho(seen: { arenas: Arena[]; blocks: Block[] }) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1 << 26 });
  return serveUpgrade((request, socket, head) => {
    const { arena } = request;
    seen.arenas.push(arena);
    sockets.handleUpgrade(request, socket, head, (peer) => {
      let sending = 0;
      peer.on('message', (data) => {
        sending++;
        const block = currentArena().copy(data as Buffer);
        seen.blocks.push(block);
        peer.send(block, () => {
          if (--sending === 0 && !arena.disposed) arena.reset();
        });
      });
    });
  });
}

test('ws: messages are echoed out of blocks, small ones and more than the sockets can hold', async () => {
  const seen = { arenas: [] as Arena[], blocks: [] as Block[] };
  const { port } = await serveEcho(seen);
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(client, 'open');
  const messages = [0, 1, 125, 126, 70_000, 3_000_000, 5, 8_000_000].map((length, i) => pattern(length, i));
  const echoes: Buffer[] = [];
  const all = new Promise<void>((resolve) => {
    client.on('message', (data) => {
      echoes.push(data as Buffer);
      if (echoes.length === messages.length) resolve();
    });
  });
  for (const message of messages) client.send(message);
  await all;
  expect(echoes.map((echo, i) => echo.equals(messages[i]))).toEqual(messages.map(() => true));
  client.send('the last');
  await once(client, 'message');
  await turn();
  expect(seen.arenas).toHaveLength(1);
  expect(seen.blocks.map((block) => block.length).filter((length) => length > 0)).toEqual([]);
  const closed = once(client, 'close');
  client.close();
  await closed;
  while (!seen.arenas[0].disposed) await turn();
});

test('ws: a client that disappears while it is sent to changes no block that is still there, and ends the arena', async () => {
  const seen = { arenas: [] as Arena[], blocks: [] as Block[] };
  const { port, errors } = await serveEcho(seen);
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(client, 'open');
  client.on('error', () => {});
  client.pause();
  const message = pattern(16_000_000, 3);
  client.send(message);
  client.send(message);
  while (seen.blocks.length < 2) await turn();
  client.terminate();
  while (!seen.arenas[0].disposed) await turn();
  // Their writes are called back in the end: then the listener may have ended them itself.
  expect(seen.blocks.map((block) => block.length === 0 || block.equals(message))).toEqual([true, true]);
  expect(errors).toEqual([]);
});

for (const event of ['upgrade', 'connect'] as const) {
  test(`${event}: request.arena lives until the socket is closed, and so do its blocks; then it throws`, async () => {
    const kept = deferred<{ request: ArenaRequest; arena: Arena; block: Block }>();
    const { port, errors } = await serveUpgrade((request, socket, head) => {
      const { arena } = request;
      const block = arena.string('served: ');
      kept.resolve({ request, arena, block });
      socket.write(SWITCH);
      socket.write(head);
      socket.on('error', () => {});
      socket.on('end', () => socket.end()); // sockets of HTTP servers stay half open
      socket.on('data', (data: Buffer) => {
        socket.write(block);
        socket.write(request.arena.copy(data));
      });
    });
    const client = await RawClient.connect(port);
    client.socket.write(
      event === 'upgrade'
        ? `GET /x HTTP/1.1\r\nHost: x\r\n${UPGRADE}\r\nhead`
        : 'CONNECT host:1 HTTP/1.1\r\nHost: host:1\r\n\r\nhead',
    );
    await client.until((bytes) => bytes.toString().endsWith('head'));
    for (const word of ['one', 'two']) {
      client.socket.write(word);
      await client.until((bytes) => bytes.toString().endsWith(`served: ${word}`));
    }
    const { request, arena, block } = await kept.promise;
    expect(arena.disposed).toBe(false);
    client.socket.destroy();
    while (!arena.disposed) await turn();
    expect(block.toString()).toBe('served: ');
    expect(() => request.arena).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_DISPOSED' }));
    expect(errors).toEqual([]);
  });
}

test('currentArena() is the arena of the connection in the listener, after an await, and in the listeners of its socket', async () => {
  const seen: boolean[] = [];
  const { port } = await serveUpgrade(async (request, socket) => {
    seen.push(currentArena() === request.arena);
    await turn();
    seen.push(currentArena() === request.arena);
    socket.on('data', () => {
      seen.push(currentArena() === request.arena);
      socket.end('bye');
    });
    socket.write(SWITCH);
  });
  const client = await RawClient.connect(port);
  client.get('/', UPGRADE);
  await client.until((bytes) => bytes.includes('101'));
  client.socket.write('x');
  await client.end();
  expect(seen).toEqual([true, true, true]);
});

test('context: false leaves currentArena() out', async () => {
  const failed = deferred<unknown>();
  const { port } = await serveUpgrade(
    (_request, socket) => {
      try {
        currentArena();
      } catch (error) {
        failed.resolve(error);
      }
      socket.end();
    },
    { context: false },
  );
  (await RawClient.connect(port)).get('/', UPGRADE);
  expect(await failed.promise).toMatchObject({ code: 'ERR_FREEHOLD_NO_REQUEST' });
});

for (const how of ['throws', 'rejects'] as const) {
  test(`a listener that ${how} answers 500, onError is told, and the socket is closed`, async () => {
    const error = new Error('mistake');
    const { port, errors } = await serveUpgrade((request) => {
      request.arena.alloc(10);
      if (how === 'throws') throw error;
      return Promise.reject(error);
    });
    const client = await RawClient.connect(port);
    client.get('/', ''); // an answer before, on the same connection
    await client.until((bytes) => bytes.includes('plain'));
    client.get('/', UPGRADE);
    expect((await client.end()).toString()).toMatch(/HTTP\/1\.1 500 Internal Server Error\r\n[^]*\r\n\r\n$/);
    expect(errors).toEqual([error]);
  });
}

test('a limit that is reached is answered with 503; after the first byte the socket is closed at once', async () => {
  const { port, errors } = await serveUpgrade(
    (request, socket) => {
      if (request.url === '/late') socket.write(SWITCH);
      request.arena.alloc(20_000);
    },
    { limitBytes: 10_000 },
  );
  const client = await RawClient.connect(port);
  client.get('/', UPGRADE);
  expect((await client.end()).toString()).toMatch(/^HTTP\/1\.1 503 /);
  const late = await RawClient.connect(port);
  late.get('/late', UPGRADE);
  expect((await late.end()).toString()).not.toContain('503');
  expect(errors.map((error) => error instanceof FreeholdError && error.code)).toEqual([
    'ERR_FREEHOLD_LIMIT',
    'ERR_FREEHOLD_LIMIT',
  ]);
});

test('a client that has left is nobody’s mistake', async () => {
  const late = deferred<unknown>();
  const { port, errors } = await serveUpgrade(async (request, socket) => {
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    await new Promise((resolve) => socket.on('close', resolve).resume());
    try {
      request.arena.alloc(1);
    } catch (error) {
      late.resolve(error);
      throw error;
    }
  });
  const client = await RawClient.connect(port);
  client.get('/', UPGRADE);
  client.socket.end();
  await late.promise;
  await turn();
  expect(errors).toEqual([]);
});

test('a listener or options that make no sense are refused before the first request', () => {
  const wanted = expect.objectContaining({ code: 'ERR_FREEHOLD_INVALID_ARGUMENT' });
  expect(() => arenaUpgrade(undefined as unknown as ArenaUpgradeHandler)).toThrow(wanted);
  expect(() => arenaUpgrade(() => {}, { onErr: 1 } as ArenaUpgradeOptions)).toThrow(wanted);
});
