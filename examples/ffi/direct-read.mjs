// @ts-check
// A file read past the system's cache, which needs memory that begins at a multiple of the disk's blocks. Needs `npm install koffi`.
import assert from 'node:assert/strict';
import { constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Heap, memoryStats } from 'freehold';
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const open = libc.func('int open(const char *path, int flags, ...)');
const read = libc.func('int64_t read(int file, void *bytes, size_t count)');
const pread = libc.func('int64_t pread(int file, void *bytes, size_t count, int64_t offset)');
const close = libc.func('int close(int file)');

const PAGE = 4096;
const heap = new Heap();
// Here and not in /tmp, which may be memory: that has nothing to read past.
const folder = mkdtempSync(join(import.meta.dirname ?? '.', 'direct-'));
try {
  const path = join(folder, 'file');
  writeFileSync(path, 'sixteen bytes.. '.repeat(PAGE));
  const file = open(path, constants.O_RDONLY | constants.O_DIRECT);
  assert(file >= 0, 'this file system has no direct reads');

  const block = heap.allocUnsafe(16 * PAGE, PAGE);
  const bytes = read(file, block, block.length);
  console.log(`${bytes} bytes, of which the last are '${block.toString('latin1', block.length - 16)}'`);

  // The same read to an address that is no multiple of anything.
  const refused = pread(file, block.subarray(1), PAGE, 0);
  console.log(`${refused}: ${koffi.errno() === 22 ? 'EINVAL' : koffi.errno()}`);
  assert.equal(close(file), 0);
  heap.free(block);
} finally {
  rmSync(folder, { recursive: true });
}
heap.dispose();
console.log(String(memoryStats()));

/* Prints:
65536 bytes, of which the last are 'sixteen bytes.. '
-1: EINVAL
memory: 0 B in use of 0 B held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B   0 B
manual              0       0     0 B   0 B
arenas              0             0 B   0 B
pools               0       0     0 B   0 B
…
*/
