// @ts-check
// Streams of zlib inside an arena: the state of every stream, its window and the bytes themselves end with one reset. Needs `npm install koffi`,
// `apt-get install zlib1g`.
import assert from 'node:assert/strict';

import { Arena, memoryStats } from 'freehold';
import koffi from 'koffi';

// `deep`: node has a zlib of its own, whose functions libz's calls of itself would end in otherwise.
const zlib = koffi.load('libz.so.1', { deep: true });
const version = zlib.func('const char *zlibVersion()')();
const deflateInit = zlib.func('int deflateInit_(void *stream, int level, const char *version, int bytes)');
const deflate = zlib.func('int deflate(void *stream, int flush)');
const deflateEnd = zlib.func('int deflateEnd(void *stream)');
const [Z_FINISH, Z_STREAM_END] = [4, 1];

const arena = new Arena({ name: 'request' });
const callbacks = arena.callbacks();

/** A z_stream as zlib.h lays it out; zlib keeps its address, so it may not move. */
const STREAM_BYTES = 112;

/**
 * The compressed text, valid until the arena's reset.
 * @param {string} text
 */
function compressed(text) {
  const input = arena.string(text);
  const output = arena.allocUnsafe(input.length + 64);
  const stream = arena.alloc(STREAM_BYTES);
  stream.writeBigUInt64LE(input.address, 0);
  stream.writeUInt32LE(input.length, 8);
  stream.writeBigUInt64LE(output.address, 24);
  stream.writeUInt32LE(output.length, 32);
  const { zalloc, zfree, opaque } = callbacks.zlib;
  [zalloc, zfree, opaque].forEach((value, index) => stream.writeBigUInt64LE(value, 64 + 8 * index));
  assert.equal(deflateInit(stream, 6, version, STREAM_BYTES), 0);
  assert.equal(deflate(stream, Z_FINISH), Z_STREAM_END);
  const bytes = Number(stream.readBigUInt64LE(40));
  assert.equal(deflateEnd(stream), 0);
  return output.subarray(0, bytes);
}

for (const times of [10, 1000, 100_000]) {
  const bytes = compressed('to be or not to be '.repeat(times));
  const { peakBytes, liveBlocks } = callbacks.stats();
  console.log(
    `${19 * times} bytes became ${bytes.length}; zlib had ${peakBytes} bytes, and has ${liveBlocks} blocks`,
  );
  arena.reset();
}
arena.dispose();
console.log(String(memoryStats()));

/* Prints:
190 bytes became …; zlib had … bytes, and has 0 blocks
19000 bytes became …; zlib had … bytes, and has 0 blocks
1900000 bytes became …; zlib had … bytes, and has 0 blocks
memory: 0 B in use of 0 B held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B   0 B
manual              0       0     0 B   0 B
arenas              0             0 B   0 B
pools               0       0     0 B   0 B
…
*/
