// The bench-only addons with the limits in C++ and C: built when they are missing or older than their sources.
import { createRequire } from 'node:module';
import { at } from '../../scripts/lib/paths.mjs';
import { headerArguments } from '../../scripts/lib/headers.mjs';
import { step } from '../../scripts/lib/run.mjs';
import { modified, newest } from '../../scripts/lib/stale.mjs';

const folder = at('bench', 'native');
const SOURCES = ['binding.gyp', 'consume.h', 'limit.cc', 'malloc.cc', 'shared.cc'];
const ADDONS = ['limit', 'malloc', 'shared'];
const addon = (name) => at('bench', 'native', 'build', 'Release', `${name}.node`);

/**
 * @typedef {(size: number, chunkBytes: number, chunks: number) => number} Limit nanoseconds per block
 * @typedef {{ bump: Limit, touch: Limit, zero: Limit }} Limits allocate; and write one byte; and clear all of it
 *
 * @typedef {object} Malloc malloc and free of C; all but `resident` return nanoseconds per block
 * @property {(size: number, pairs: number) => number} pairs malloc and free at once
 * @property {(size: number, length: number, bursts: number) => number} bursts `length` mallocs, then as many frees
 * @property {(sizes: Uint32Array, live: number, victims: Uint32Array, rounds: number, keep?: boolean) => number} replace
 *   see replacements.mjs; keep: do not free what is live at the end
 * @property {(buffer: ArrayBufferLike) => number} resident bytes of its pages that are in memory
 * @property {(events: Int32Array, slots: number, passes: number) => number} replay see trace.mjs
 */

/**
 * @typedef {object} Counting the programs of rc-trees.mjs, and loops, over pointers that count references
 * @property {(copies: number) => number} copies nanoseconds per copy and drop of a pointer
 * @property {(objects: number) => number} objects nanoseconds per object of 64 bytes, made and dropped
 * @property {(depth: number) => [nanoseconds: number, check: number]} binaryTrees
 * @property {(depth: number) => [build: number, check: number, drop: number]} oneTree nanoseconds per node
 * @property {(stretch: number, most: number) => number} gcBench nanoseconds
 *
 * @typedef {{ shared: Counting, counted?: Counting }} Pointers std::shared_ptr; the same with counts that are not atomic,
 *   where the library has that
 */

/** Compiles bench/native with node-gyp. */
export async function ensureNative() {
  const sources = SOURCES.map((name) => at('bench', 'native', name));
  if (Math.min(...ADDONS.map((name) => modified(addon(name)))) >= newest(sources)) return;
  const gyp = at('node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const args = [gyp, 'configure', 'build', ...headerArguments()];
  await step('building the limits in C++ and C (node-gyp)', process.execPath, args, { cwd: folder });
}

/** @returns {Limits} */
export const loadLimit = () => createRequire(import.meta.url)(addon('limit'));

/** @returns {Malloc} */
export const loadMalloc = () => createRequire(import.meta.url)(addon('malloc'));

/** @returns {Pointers} */
export const loadShared = () => createRequire(import.meta.url)(addon('shared'));
