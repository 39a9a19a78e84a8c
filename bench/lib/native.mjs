// The bench-only addon with the C++ limit: built when it is missing or older than its sources.
import { createRequire } from 'node:module';
import { at } from '../../scripts/lib/paths.mjs';
import { headerArguments } from '../../scripts/lib/headers.mjs';
import { step } from '../../scripts/lib/run.mjs';
import { modified, newest } from '../../scripts/lib/stale.mjs';

const folder = at('bench', 'native');
const addon = at('bench', 'native', 'build', 'Release', 'limit.node');

/**
 * @typedef {(size: number, chunkBytes: number, chunks: number) => number} Limit nanoseconds per block
 * @typedef {{ bump: Limit, touch: Limit, zero: Limit }} Limits allocate; and write one byte; and clear all of it
 */

/** Compiles bench/native with node-gyp. */
export async function ensureLimit() {
  if (modified(addon) >= newest([at('bench', 'native', 'limit.cc'), at('bench', 'native', 'binding.gyp')]))
    return;
  const gyp = at('node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const args = [gyp, 'configure', 'build', ...headerArguments()];
  await step('building the C++ limit (node-gyp)', process.execPath, args, { cwd: folder });
}

/** @returns {Limits} */
export function loadLimit() {
  return createRequire(import.meta.url)(addon);
}
