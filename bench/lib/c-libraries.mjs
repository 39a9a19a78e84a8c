// @ts-check
// bench/native/libraries.c: C libraries, called once for much work. Compiled when it is missing or older than its source.
import koffi from 'koffi';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { at } from '../../scripts/lib/paths.mjs';
import { step } from '../../scripts/lib/run.mjs';
import { modified } from '../../scripts/lib/stale.mjs';

const source = at('bench', 'native', 'libraries.c');
const shared = at('bench', 'native', 'build', 'libraries.so');

/**
 * Addresses of functions are 0n for the C library's own.
 *
 * @typedef {object} Libraries
 * @property {(bytes: Uint8Array | bigint | number | object, length: number) => number} firstByte
 * @property {(bytes: bigint | number, length: number) => number} firstByteAt the same, with an address as a number
 * @property {(malloc: bigint, free: bigint, size: number, count: number) => number} pairs nanoseconds per block
 * @property {(malloc: bigint, free: bigint, context: bigint, size: number, count: number) => number} contextPairs
 * @property {(malloc: bigint, free: bigint, count: number) => number} replacements
 * @property {(zalloc: bigint, zfree: bigint, opaque: bigint, bytes: Uint8Array, length: number, out: Uint8Array, room: number) =>
 *   number} inflateOne bytes that came out
 * @property {(suite: bigint, text: Uint8Array, length: number, keep: number) => number} parseOne elements
 * @property {(alloc: bigint, ud: bigint, script: string) => number} runScript
 */

/** @returns {Promise<Libraries>} */
export async function loadLibraries() {
  if (modified(shared) < modified(source)) {
    mkdirSync(dirname(shared), { recursive: true });
    const flags = ['-O2', '-shared', '-fPIC', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror'];
    const args = [...flags, source, '-o', shared, '-lz', '-lexpat', '-llua5.4'];
    // Needs zlib1g-dev, libexpat1-dev and liblua5.4-dev.
    await step('building the libraries to measure (cc)', process.env['CC'] ?? 'cc', args, {});
  }
  // `deep`: node has a zlib of its own, which would be measured otherwise.
  const library = koffi.load(shared, { deep: true });
  const byte = 'int first_byte';
  return {
    firstByte: library.func(`${byte}(const uint8_t *bytes, size_t length)`),
    firstByteAt: library.func(`${byte}(uint64_t bytes, size_t length)`),
    pairs: library.func('double pairs(uint64_t, uint64_t, size_t, uint32_t)'),
    contextPairs: library.func('double context_pairs(uint64_t, uint64_t, uint64_t, size_t, uint32_t)'),
    replacements: library.func('double replacements(uint64_t, uint64_t, uint32_t)'),
    inflateOne: library.func(
      'int64_t inflate_one(uint64_t, uint64_t, uint64_t, const uint8_t *, uint32_t, uint8_t *, uint32_t)',
    ),
    parseOne: library.func('int parse_one(uint64_t, const char *, uint32_t, int)'),
    runScript: library.func('double run_script(uint64_t, uint64_t, const char *)'),
  };
}
