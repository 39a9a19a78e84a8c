// Blocks as response bodies, and clients that read slowly: no byte may change before it has left the process.
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request as sendRequest } from 'node:http';
import { createServer as createHttpsServer, request as sendHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';
import type { Block } from 'freehold';
import { arenaHandler } from 'freehold/http';
import { expect, test } from 'vitest';
import { deferred, fillPattern, listen, pattern, serve } from './lib/serve.ts';

/** More than the sockets between client and server can hold. */
const LARGE = 24 * 1024 * 1024;

/** Reads a response to its end, slowly: between two chunks other requests are answered. */
async function readSlowly(response: IncomingMessage, between: () => Promise<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    if (chunks.length <= 20) await between();
  }
  return Buffer.concat(chunks);
}

async function responseTo(url: string): Promise<IncomingMessage> {
  const [response] = (await once(sendRequest(url, { agent: false }).end(), 'response')) as [IncomingMessage];
  return response;
}

/** Answers `/slow` by `respond`, and anything else from a full block of the same pool. */
function beside(respond: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url === '/slow') respond(request, response);
    else
      response.end(
        (request as IncomingMessage & { arena: { alloc(n: number): Block } }).arena.alloc(1 << 20).fill(0xee),
      );
  };
}

/** How a handler may hand a large block to its response. */
const ways: Record<string, Parameters<typeof arenaHandler>[0]> = {
  'end(block)': (request, response) => {
    response.end(fillPattern(request.arena.allocUnsafe(LARGE), 1));
  },
  'write(block) again and again, deaf to backpressure': (request, response) => {
    const block = fillPattern(request.arena.allocUnsafe(LARGE), 1);
    for (let at = 0; at < LARGE; at += 1 << 20) response.write(block.subarray(at, at + (1 << 20)));
    response.end();
  },
  'write(block) with a length, and end() a turn later': (request, response) => {
    const block = fillPattern(request.arena.allocUnsafe(LARGE), 1);
    response.setHeader('Content-Length', LARGE);
    response.write(block);
    setImmediate(() => response.end());
  },
  'a pipeline of blocks': (request, response) => {
    const block = fillPattern(request.arena.allocUnsafe(LARGE), 1);
    const parts = function* () {
      for (let at = 0; at < LARGE; at += 1 << 16) yield block.subarray(at, at + (1 << 16));
    };
    return pipeline(Readable.from(parts()), response);
  },
};

for (const [way, handler] of Object.entries(ways)) {
  test(`a slow reader gets every byte right: ${way}`, async () => {
    const { url } = await serve(
      arenaHandler((request, response) => beside(handler as RequestListener)(request, response), {
        retain: 'all',
      }),
    );
    const response = await responseTo(`${url}/slow`);
    const body = await readSlowly(response, async () => (await fetch(url)).arrayBuffer());
    expect(body.length).toBe(LARGE);
    expect(body.equals(pattern(LARGE, 1))).toBe(true);
  });
}

test('a block keeps its length until the last byte of the response was handed to the system', async () => {
  const lengths: number[] = [];
  const handed = deferred<{ pending: number; length: number }>();
  const { url } = await serve(
    arenaHandler((request, response) => {
      const block = fillPattern(request.arena.allocUnsafe(LARGE), 2);
      const { socket } = request;
      response.on('close', () => handed.resolve({ pending: socket.writableLength, length: block.length }));
      response.end(block);
      const look = () => {
        if (response.writableFinished) return;
        lengths.push(block.length);
        setImmediate(look);
      };
      look();
    }),
  );
  const response = await responseTo(url);
  const body = await readSlowly(response, () => new Promise((resolve) => setImmediate(resolve)));
  expect(body.equals(pattern(LARGE, 2))).toBe(true);
  expect(new Set(lengths)).toEqual(new Set([LARGE]));
  expect(await handed.promise).toEqual({ pending: 0, length: 0 });
});

test('a block that goes through gzip arrives whole', async () => {
  const { url } = await serve(
    arenaHandler((request, response) => {
      const block = fillPattern(request.arena.allocUnsafe(3_000_000), 3);
      return pipeline(Readable.from([block]), createGzip({ level: 1 }), response);
    }),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of await responseTo(url)) chunks.push(chunk as Buffer);
  expect(gunzipSync(Buffer.concat(chunks)).equals(pattern(3_000_000, 3))).toBe(true);
});

test('an upload goes through blocks and comes back', async () => {
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      for await (const chunk of request) response.write(request.arena.copy(chunk as Buffer));
      response.end();
    }),
  );
  const bytes = pattern(2_000_000, 4);
  const echo = await fetch(url, { method: 'POST', body: new Uint8Array(bytes) });
  expect(Buffer.from(await echo.arrayBuffer()).equals(bytes)).toBe(true);
});

test('https: a slow reader gets every byte right, and then the block is gone', async () => {
  const blocks: Block[] = [];
  // A shared key needs no certificate.
  const key = Buffer.alloc(32, 7);
  const tls = { ciphers: 'PSK-AES256-GCM-SHA384', maxVersion: 'TLSv1.2' as const };
  const server = createHttpsServer(
    { ...tls, pskCallback: () => key },
    arenaHandler(
      (request, response) => {
        const length = request.url === '/slow' ? LARGE : 1 << 20;
        const block = fillPattern(request.arena.allocUnsafe(length), length);
        blocks.push(block);
        response.end(block);
      },
      { retain: 'all' },
    ),
  );
  const port = await listen(server);
  const call = async (path: string) => {
    const options = {
      ...tls,
      port,
      path,
      agent: false,
      pskCallback: () => ({ psk: key, identity: 'test' }),
      checkServerIdentity: () => undefined,
    };
    const [response] = (await once(sendHttps(options).end(), 'response')) as [IncomingMessage];
    return response;
  };
  const body = await readSlowly(await call('/slow'), async () => {
    const other = await readSlowly(await call('/'), async () => {});
    expect(other.equals(pattern(1 << 20, 1 << 20))).toBe(true);
  });
  expect(body.equals(pattern(LARGE, LARGE))).toBe(true);
  expect(blocks.map((block) => block.length).filter((length) => length > 0)).toEqual([]);
});
