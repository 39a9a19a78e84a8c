// arenaHandler on Node's compatibility API of HTTP/2.
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
} from 'node:http2';
import type { Block } from 'freehold';
import { type ArenaRequestHandler, arenaHandler } from 'freehold/http';
import { expect, onTestFinished, test } from 'vitest';
import { deferred, fillPattern, listen, pattern } from './lib/serve.ts';

/** More than the windows of HTTP/2; three of them are less than a session may queue (10 MB). */
const LARGE = 2 * 1024 * 1024;

async function serveHttp2(handler: ArenaRequestHandler): Promise<ClientHttp2Session> {
  const server = createServer(arenaHandler(handler, { retain: 'all' }));
  const port = await listen(server);
  const client = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

async function body(stream: ClientHttp2Stream, between = async () => {}): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    await between();
  }
  return Buffer.concat(chunks);
}

test('http2: a block is the body, and has length 0 when the stream is closed', async () => {
  const blocks: Block[] = [];
  const closed = deferred();
  const client = await serveHttp2((request, response) => {
    const block = request.arena.string('hello');
    blocks.push(block);
    response.on('close', closed.resolve);
    response.end(block);
  });
  expect((await body(client.request({ ':path': '/' }))).toString()).toBe('hello');
  await closed.promise;
  expect(blocks[0].length).toBe(0);
});

test('http2: many streams of one connection, read slowly, get every byte right', async () => {
  const client = await serveHttp2((request, response) => {
    const seed = Number(request.url!.slice(1));
    response.end(fillPattern(request.arena.allocUnsafe(LARGE), seed));
  });
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  const bodies = await Promise.all(
    [1, 2, 3].map((seed) => body(client.request({ ':path': `/${seed}` }), pause)),
  );
  for (const [i, bytes] of bodies.entries()) expect(bytes.equals(pattern(LARGE, i + 1))).toBe(true);
});

test('http2: blocks of a stream that the client cancels stay valid', async () => {
  const kept = deferred<Block>();
  const client = await serveHttp2((request, response) => {
    const block = fillPattern(request.arena.allocUnsafe(LARGE), 5);
    response.on('close', () => kept.resolve(block));
    response.end(block);
  });
  const stream = client.request({ ':path': '/' });
  stream.on('error', () => {});
  await once(stream, 'data');
  stream.close(constants.NGHTTP2_CANCEL);
  expect((await kept.promise).equals(pattern(LARGE, 5))).toBe(true);
});

test('http2: a handler that throws answers 500', async () => {
  const server = createServer(
    arenaHandler(
      () => {
        throw new Error('mistake');
      },
      { onError: () => {} },
    ),
  );
  const client = connect(`http://127.0.0.1:${await listen(server)}`);
  onTestFinished(() => {
    client.destroy();
  });
  const stream = client.request({ ':path': '/' });
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  expect(headers[':status']).toBe(500);
  expect((await body(stream)).toString()).toBe('Internal Server Error\n');
});
