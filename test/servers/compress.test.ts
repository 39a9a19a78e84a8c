// compress and decompress: what comes out, what is refused, and memory that threads work on.
import { once } from 'node:events';
import * as zlib from 'node:zlib';
import { Arena, Heap, Pool } from 'freehold';
import {
  type CompressOptions,
  type CompressionFormat,
  type DecompressOptions,
  arenaHandler,
  compress,
  decompress,
  readBody,
} from 'freehold/http';
import { expect, test } from 'vitest';
import { RawClient, deferred, pattern, serve } from './lib/serve.ts';

const reference = {
  gzip: [zlib.gzipSync, zlib.gunzipSync],
  deflate: [zlib.deflateSync, zlib.inflateSync],
  'deflate-raw': [zlib.deflateRawSync, zlib.inflateRawSync],
  br: [zlib.brotliCompressSync, zlib.brotliDecompressSync],
} as const;
const formats = Object.keys(reference) as CompressionFormat[];
const code = (code: string) => expect.objectContaining({ code }) as unknown;

for (const format of formats) {
  test.each([0, 1, 1000, 3_000_000])(`${format}: %i bytes come back, also by node:zlib`, async (length) => {
    const [pack, unpack] = reference[format];
    using arena = new Arena();
    const input = arena.copy(pattern(length, 1));
    const small = await compress(arena, input, { format });
    expect(arena.owns(small)).toBe(true);
    expect(unpack(small).equals(input)).toBe(true);
    const again = await decompress(arena, pack(input), { format, limit: length });
    expect(again.equals(input)).toBe(true);
    expect(arena.stats().pins).toBe(0);
  });

  test(`${format}: what is larger than the limit is refused as soon as that is known, a bomb too`, async () => {
    using arena = new Arena();
    const bomb = await compress(arena, Buffer.alloc(50_000_000), { format });
    const before = arena.used;
    await expect(decompress(arena, bomb, { format, limit: 100_000 })).rejects.toEqual(
      code('ERR_FREEHOLD_BODY_TOO_LARGE'),
    );
    expect(arena.used - before).toBeLessThan(1_000_000);
    await expect(decompress(arena, bomb, { format })).rejects.toMatchObject({ statusCode: 413 });
    expect(arena.stats().pins).toBe(0);
  });

  test(`${format}: the rest of a bomb is never produced: who takes all of it is done later`, async () => {
    using arena = new Arena();
    const bomb = await compress(arena, Buffer.alloc(50_000_000), { format });
    const order: string[] = [];
    await Promise.all([
      decompress(arena, bomb, { format, limit: Infinity }).then(() => order.push('all')),
      decompress(arena, bomb, { format, limit: 1 }).catch(() => order.push('refused')),
    ]);
    expect(order).toEqual(['refused', 'all']);
  });

  test(`${format}: what is damaged, incomplete or empty is zlib's error`, async () => {
    using arena = new Arena();
    const whole = await compress(arena, pattern(100_000, 2), { format });
    for (const bytes of [whole.subarray(0, -5), Buffer.from([0xff, 0xff, 0xff]), Buffer.alloc(0)]) {
      await expect(decompress(arena, bytes, { format })).rejects.toMatchObject({
        errno: expect.any(Number) as number,
      });
    }
    expect(arena.stats().pins).toBe(0);
  });
}

test('a level is used: 0 keeps the bytes as they are, 9 makes less of them than 1', async () => {
  using arena = new Arena();
  const input = Buffer.from(pattern(100_000, 3).toString('base64'));
  const lengths: number[] = [];
  for (const level of [0, 1, 9])
    lengths.push((await compress(arena, input, { format: 'gzip', level })).length);
  expect(lengths[0]).toBeGreaterThan(input.length);
  expect(lengths[2]).toBeLessThan(lengths[1]);
  const [fast, slow] = await Promise.all(
    [0, 11].map((level) => compress(arena, input, { format: 'br', level })),
  );
  expect(slow.length).toBeLessThan(fast.length);
});

test('input may be a block of any allocator, a part of one, or any bytes', async () => {
  using arena = new Arena();
  using heap = new Heap();
  using pool = new Pool({ blockBytes: 64 });
  using other = new Arena();
  const inputs = [
    heap.alloc(64).fill('h'),
    pool.alloc().fill('p'),
    other.alloc(100).fill('o').subarray(20, 84),
    new Uint16Array(32).fill(7),
    new SharedArrayBuffer(64),
  ];
  for (const input of inputs) {
    const small = await compress(arena, input, { format: 'deflate' });
    expect(zlib.inflateSync(small).length).toBe(64);
  }
  other.reset({ whenPinned: 'throw' }); // nothing is pinned any more
});

for (const part of ['the block', 'a part of it'] as const) {
  test(`what is compressed is pinned until the thread is done: ${part}`, async () => {
    using arena = new Arena();
    using source = new Arena({ whenPinned: 'throw' });
    const block = source.copy(pattern(2_000_000, 4));
    const working = compress(arena, part === 'the block' ? block : block.subarray(0), { format: 'gzip' });
    expect(() => source.reset()).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_PINNED' }));
    expect(() => arena.reset()).toThrow(expect.objectContaining({ code: 'ERR_FREEHOLD_PINNED' }));
    const small = await working;
    source.reset();
    expect(zlib.gunzipSync(small).equals(pattern(2_000_000, 4))).toBe(true);
  });
}

test('an arena that is given up while a thread works on it leaves its memory to the thread', async () => {
  for (let round = 0; round < 10; round++) {
    const arena = new Arena();
    const block = arena.copy(pattern(1_000_000, round));
    const working = compress(arena, block, { format: 'gzip', level: 1 });
    arena.dispose({ whenPinned: 'orphan' });
    using next = new Arena();
    next.alloc(1_000_000).fill(0xee); // would be what the thread reads
    await expect(working).rejects.toEqual(code('ERR_FREEHOLD_DISPOSED'));
    expect(block.equals(pattern(1_000_000, round))).toBe(true);
  }
});

test('the limit of the arena is ERR_FREEHOLD_LIMIT, whether output comes at once or at the end', async () => {
  for (const length of [30_000, 3_000_000]) {
    using arena = new Arena({ limitBytes: 20_000 });
    await expect(compress(arena, pattern(length, 5), { format: 'gzip', level: 0 })).rejects.toEqual(
      code('ERR_FREEHOLD_LIMIT'),
    );
    expect(arena.stats().pins).toBe(0);
  }
});

test('a client that leaves while its body is compressed: it rejects, and its memory is nobody else’s', async () => {
  const failed = deferred<unknown>();
  const { port, url } = await serve(
    arenaHandler(async (request, response) => {
      if (request.url === '/next') return void response.end(request.arena.alloc(1 << 20).fill(9));
      const input = request.arena.copy(pattern(4_000_000, 6));
      const working = compress(request.arena, input, { format: 'gzip' });
      request.socket.destroy();
      await once(request.socket, 'close');
      await working.catch(failed.resolve);
      return undefined;
    }),
  );
  const client = await RawClient.connect(port);
  client.get('/');
  await client.end();
  const next = Buffer.from(await (await fetch(`${url}/next`)).arrayBuffer());
  expect(next.every((byte) => byte === 9)).toBe(true);
  expect(await failed.promise).toMatchObject({ code: 'ERR_FREEHOLD_DISPOSED' });
});

test('a server decompresses what it is sent and compresses what it answers; bombs are answered with 413', async () => {
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      const body = await readBody(request);
      const text = await decompress(request.arena, body, { format: 'gzip', limit: 10_000 });
      response.setHeader('Content-Encoding', 'br');
      response.end(await compress(request.arena, text.reverse(), { format: 'br' }));
    }),
  );
  const send = (body: Buffer) => fetch(url, { method: 'POST', body: new Uint8Array(zlib.gzipSync(body)) });
  expect(await (await send(Buffer.from('desserts'))).text()).toBe('stressed');
  expect((await send(Buffer.alloc(10_001))).status).toBe(413);
});

const wrong: [string, unknown, string][] = [
  ['no format', {}, 'ERR_FREEHOLD_INVALID_ARGUMENT'],
  ['another format', { format: 'zip' }, 'ERR_FREEHOLD_INVALID_ARGUMENT'],
  ['a name that is not known', { format: 'gzip', levels: 1 }, 'ERR_FREEHOLD_INVALID_ARGUMENT'],
  ['a level that is too high', { format: 'gzip', level: 10 }, 'ERR_FREEHOLD_INVALID_ARGUMENT'],
  ['a level that is no number', { format: 'br', level: '4' }, 'ERR_FREEHOLD_INVALID_ARGUMENT'],
  ['a limit that is no size', { format: 'gzip', limit: -1 }, 'ERR_FREEHOLD_INVALID_SIZE'],
];

test.each(wrong)('options are checked: %s', async (_what, options, wanted) => {
  using arena = new Arena();
  const input = Buffer.alloc(1);
  const call =
    (options as object) && 'limit' in (options as object)
      ? decompress(arena, input, options as DecompressOptions)
      : compress(arena, input, options as CompressOptions);
  await expect(call).rejects.toEqual(code(wanted));
  expect(arena.stats().pins).toBe(0);
});
