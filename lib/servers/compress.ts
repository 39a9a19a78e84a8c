// zlib and brotli from memory to a block of an arena.
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

import { Arena } from '../arena.ts';
import { Block } from '../block.ts';
import { byteLengthOf, typedArrayBuffer } from '../captured.ts';
import { FreeholdError } from '../errors.ts';
import { ownerOf } from '../exposure.ts';
import type { Pin } from '../pin.ts';
import { bytesOf } from '../typed-arrays.ts';
import { checkChoice, checkLimit, describe, readOptions } from '../validate.ts';
import { DEFAULT_LIMIT, Gathering } from './gathering.ts';

// Node's zlib writes into a buffer of its own and emits parts of it. Its streams have fields (`_outBuffer`, `_outOffset`, `_chunkSize`)
// that could be pointed at a block, and zlib would write there: but nobody promises them, Node renews that buffer where it sees
// fit, Bun copies out of it, and what did the like (minizlib) was broken by releases of Node. So each chunk is copied once, as it
// comes, which is little beside what zlib does for it.

/** The formats: those of `Content-Encoding` (`deflate` is zlib's), and deflate without any frame. */
export type CompressionFormat = 'gzip' | 'deflate' | 'deflate-raw' | 'br';

/** Options of `compress()`. */
export interface CompressOptions {
  format: CompressionFormat;
  /**
   * How hard to try: 0 to 9, for `br` 0 to 11. Default: 6; for `br` 4, because its own default (11) is for files that are compressed
   * once, and takes many times as long.
   */
  level?: number;
}

/** Options of `decompress()`. */
export interface DecompressOptions {
  format: CompressionFormat;
  /** The most bytes that may come out; more is `ERR_FREEHOLD_BODY_TOO_LARGE`. Infinity for any. Default: 1 MiB. */
  limit?: number;
}

const FORMATS = ['gzip', 'deflate', 'deflate-raw', 'br'] as const;
const DEFAULT_LEVEL = 6;
const DEFAULT_QUALITY = 4;

/** Node hands zlib no more at once: it counts in 32 bits. */
const MAX_SLICE = 2 ** 30;
/** The output of one visit to the thread pool, in bytes, between these two. */
const MIN_CHUNK = 16 * 1024;
const MAX_CHUNK = 256 * 1024;

/**
 * Compresses `input` on a thread of Node's pool, into a block of `arena`, which lives as long as the arena.
 *
 * Until that is done, the memory of both is pinned: the arena's, and that of `input` where it is a block. `input` must not be
 * changed meanwhile. A request that ends first leaves its memory to this work, which then rejects with `ERR_FREEHOLD_DISPOSED`.
 *
 * zlib writes into buffers of Node's, and each chunk of its output is copied into the arena: Node has no way to name the buffer.
 *
 * Rejects with `ERR_FREEHOLD_INVALID_ARGUMENT`, `ERR_FREEHOLD_LIMIT`, `ERR_FREEHOLD_OUT_OF_MEMORY`, or zlib's own error.
 *
 * @example
 * ```ts
 * import { Arena } from 'freehold';
 * import { compress, decompress } from 'freehold/http';
 *
 * using arena = new Arena();
 * const text = arena.string('to be or not to be, '.repeat(1000));
 * const small = await compress(arena, text, { format: 'gzip' });
 * const again = await decompress(arena, small, { format: 'gzip', limit: 1 << 20 });
 * console.log(small.length < 200, again.equals(text)); // true true
 * ```
 */
export async function compress(
  arena: Arena,
  input: ArrayBufferView | ArrayBufferLike,
  options: CompressOptions,
): Promise<Block> {
  const { format, level } = readOptions(options, ['format', 'level'], 'compress');
  const known = checkChoice(format, FORMATS, 'format');
  const bytes = bytesOf(input);
  const size = byteLengthOf(bytes);
  const tried = checkLevel(level ?? (known === 'br' ? DEFAULT_QUALITY : DEFAULT_LEVEL), known);
  // Output is most often a quarter of the input or less: one visit to the pool.
  const stream = compressors[known](chunkFor(size / 4), tried, size);
  return run(stream, arena, input, bytes, { what: 'what was compressed', limit: Infinity });
}

/**
 * Decompresses `input` on a thread of Node's pool, into a block of `arena`, which lives as long as the arena. Memory is pinned, and
 * output copied, as for {@link compress}.
 *
 * Rejects with `ERR_FREEHOLD_BODY_TOO_LARGE` as soon as more than `limit` bytes have come out, however many there would be: the rest
 * is never produced. With zlib's own error (such as `Z_DATA_ERROR` or `Z_BUF_ERROR`) for what is damaged or incomplete. Otherwise
 * as `compress`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { once } from 'node:events';
 * import { gzipSync } from 'node:zlib';
 * import { arenaHandler, decompress, readBody } from 'freehold/http';
 *
 * const server = createServer(
 *   arenaHandler(async (req, res) => {
 *     const body = await readBody(req);
 *     const gzipped = req.headers['content-encoding'] === 'gzip';
 *     res.end(gzipped ? await decompress(req.arena, body, { format: 'gzip', limit: 1 << 20 }) : body);
 *   }),
 * );
 * await once(server.listen(0), 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * const headers = { 'Content-Encoding': 'gzip' };
 * const body = new Uint8Array(gzipSync('hello'));
 * const response = await fetch(`http://localhost:${port}/`, { method: 'POST', headers, body });
 * console.log(await response.text()); // hello
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export async function decompress(
  arena: Arena,
  input: ArrayBufferView | ArrayBufferLike,
  options: DecompressOptions,
): Promise<Block> {
  const { format, limit = DEFAULT_LIMIT } = readOptions(options, ['format', 'limit'], 'decompress');
  const known = checkChoice(format, FORMATS, 'format');
  const most = checkLimit(limit, 'limit');
  const bytes = bytesOf(input);
  const stream = decompressors[known](chunkFor(Math.min(4 * byteLengthOf(bytes), most)));
  return run(stream, arena, input, bytes, { what: 'what was decompressed', limit: most });
}

const compressors: Record<CompressionFormat, (chunkSize: number, level: number, size: number) => Transform> =
  {
    gzip: (chunkSize, level) => zlib.createGzip({ chunkSize, level }),
    deflate: (chunkSize, level) => zlib.createDeflate({ chunkSize, level }),
    'deflate-raw': (chunkSize, level) => zlib.createDeflateRaw({ chunkSize, level }),
    br: (chunkSize, level, size) => {
      const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
      const params = {
        [BROTLI_PARAM_QUALITY]: level,
        [BROTLI_PARAM_SIZE_HINT]: Math.min(size, MAX_SLICE),
      };
      return zlib.createBrotliCompress({ chunkSize, params });
    },
  };

const decompressors: Record<CompressionFormat, (chunkSize: number) => Transform> = {
  gzip: (chunkSize) => zlib.createGunzip({ chunkSize }),
  deflate: (chunkSize) => zlib.createInflate({ chunkSize }),
  'deflate-raw': (chunkSize) => zlib.createInflateRaw({ chunkSize }),
  br: (chunkSize) => zlib.createBrotliDecompress({ chunkSize }),
};

async function run(
  stream: Transform,
  arena: Arena,
  input: unknown,
  bytes: Uint8Array,
  of: ConstructorParameters<typeof Gathering>[1],
): Promise<Block> {
  const pin = hold(input, bytes);
  let gathering: Gathering | null = null;
  try {
    gathering = new Gathering(arena, of);
    await pass(stream, bytes, gathering);
  } finally {
    gathering?.release();
    pin?.release();
  }
  return gathering.whole();
}

/** A pin for a block, or for any part of an arena's memory; what else has memory keeps it. */
function hold(input: unknown, bytes: Uint8Array): Pin | null {
  if (input instanceof Block) return input.pin();
  const owner = ownerOf(typedArrayBuffer(bytes));
  return owner instanceof Arena ? owner.pin() : null;
}

/** Settles when no thread reads `bytes` any more, whatever has become of them. */
function pass(stream: Transform, bytes: Uint8Array, gathering: Gathering): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | null = null;
    let pending = 0;
    const settle = () => {
      if (failure === null) resolve();
      else reject(failure);
    };
    // Node calls back a write when the thread is done with it, also when the stream was destroyed meanwhile: its 'close' comes too early.
    const written = () => {
      pending--;
      if (pending === 0 && failure !== null) settle();
    };
    stream.on('data', (chunk: Buffer) => {
      if (failure !== null) return;
      try {
        gathering.add(chunk);
      } catch (error) {
        failure = error as Error;
        stream.destroy(); // or a bomb would go on
        if (pending === 0) settle();
      }
    });
    stream.on('error', (error) => {
      // It comes from the thread, whose work has ended with it; the write is never called back.
      failure ??= error;
      settle();
    });
    stream.on('end', settle);
    for (let at = 0; at < bytes.length; at += MAX_SLICE) {
      pending++;
      stream.write(bytes.subarray(at, at + MAX_SLICE), written);
    }
    stream.end();
  });
}

function chunkFor(bytes: number): number {
  return Math.min(Math.max(Math.ceil(bytes), MIN_CHUNK), MAX_CHUNK);
}

function checkLevel(level: unknown, format: CompressionFormat): number {
  const most = format === 'br' ? 11 : 9;
  if (typeof level === 'number' && Number.isInteger(level) && level >= 0 && level <= most) return level;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `level for '${format}' must be a whole number from 0 to ${most}, but is ${describe(level)}`,
  );
}
