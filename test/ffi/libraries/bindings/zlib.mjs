// zlib through koffi: what the tests need of it.
import koffi from 'koffi';

// `deep`: node has a zlib of its own, whose functions this one's calls of itself would end in otherwise.
const library = koffi.load('libz.so.1', { deep: true });
const VERSION = library.func('const char *zlibVersion()')();

export const Z_OK = 0;
export const Z_STREAM_END = 1;
export const Z_MEM_ERROR = -4;
const Z_FINISH = 4;

/** Bytes of a `z_stream` where pointers and longs have 8 bytes, and where its fields are. */
const STREAM_BYTES = 112;
const Field = { NEXT_IN: 0, AVAIL_IN: 8, NEXT_OUT: 24, AVAIL_OUT: 32, TOTAL_OUT: 40 };
const ALLOCATION = 64; // zalloc, zfree, opaque

const deflateInit = library.func('int deflateInit_(void *stream, int level, const char *version, int bytes)');
const deflate = library.func('int deflate(void *stream, int flush)');
const deflateEnd = library.func('int deflateEnd(void *stream)');
const inflateInit = library.func('int inflateInit_(void *stream, const char *version, int bytes)');
const inflate = library.func('int inflate(void *stream, int flush)');
const inflateEnd = library.func('int inflateEnd(void *stream)');

/** A `z_stream` in a block of the allocator: zlib holds its address until the end, so it may not move. */
function streamOf(allocator, { zalloc, zfree, opaque }) {
  const stream = allocator.alloc(STREAM_BYTES);
  stream.writeBigUInt64LE(zalloc, ALLOCATION);
  stream.writeBigUInt64LE(zfree, ALLOCATION + 8);
  stream.writeBigUInt64LE(opaque, ALLOCATION + 16);
  return stream;
}

function transform(stream, step, input, output, part) {
  let status = Z_OK;
  stream.writeBigUInt64LE(input.address, Field.NEXT_IN);
  stream.writeUInt32LE(input.length, Field.AVAIL_IN);
  stream.writeBigUInt64LE(output.address, Field.NEXT_OUT);
  while (status === Z_OK) {
    const written = Number(stream.readBigUInt64LE(Field.TOTAL_OUT));
    if (written === output.length) break;
    stream.writeUInt32LE(Math.min(part, output.length - written), Field.AVAIL_OUT);
    status = step(stream, Z_FINISH);
    if (status === -5) status = Z_OK; // Z_BUF_ERROR: this part is full
  }
  return { status, bytes: Number(stream.readBigUInt64LE(Field.TOTAL_OUT)) };
}

/**
 * Compresses one block into another, in parts as a socket would take them.
 * @returns {{ status: number, bytes: number, ended: number }}
 */
export function compress(allocator, functions, input, output) {
  const stream = streamOf(allocator, functions);
  const status = deflateInit(stream, 6, VERSION, STREAM_BYTES);
  if (status !== Z_OK) return { status, bytes: 0, ended: Z_OK };
  const done = transform(stream, deflate, input, output, 1 << 14);
  return { ...done, ended: deflateEnd(stream) };
}

/** @returns {{ status: number, bytes: number, ended: number }} */
export function decompress(allocator, functions, input, output) {
  const stream = streamOf(allocator, functions);
  const status = inflateInit(stream, VERSION, STREAM_BYTES);
  if (status !== Z_OK) return { status, bytes: 0, ended: Z_OK };
  const done = transform(stream, inflate, input, output, 1 << 12);
  return { ...done, ended: inflateEnd(stream) };
}
