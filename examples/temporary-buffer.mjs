// @ts-check
// Buffers that are only needed for a while: in an arena for work that waits, in a frame of a stack for work that does not.
import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Heap, Stack, memoryStats, withAllocator, withArena } from 'freehold';

/**
 * The file without comments and empty lines. The arena is gone when this returns: what it read, and what it wrote to, too.
 * Of the result, a piece of the arena, the caller gets a copy from the allocator outside, as large as it needs to be.
 *
 * @param {string} path
 */
function settingsIn(path) {
  return withArena(async (arena) => {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const text = arena.allocUnsafe(size);
      // Pinned while the system writes to it: an arena refuses to end under a read.
      const { bytesRead } = await arena.pinned(() => file.read(text, 0, size, 0));
      const stripped = arena.allocUnsafe(bytesRead);
      let end = 0;
      for (let from = 0, to; from < bytesRead; from = to) {
        to = text.indexOf('\n', from) + 1 || bytesRead;
        if (text[from] === 0x23 /* # */ || text[from] === 0x0a) continue;
        end += text.copy(stripped, end, from, to);
      }
      return stripped.subarray(0, end);
    } finally {
      await file.close();
    }
  });
}

const stack = new Stack({ bytes: 64 * 1024 });

/**
 * How many letters must be changed to make one name of another: two rows of a table, which end with the frame.
 *
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  return stack.scope(() => {
    let above = stack.array(Uint16Array, b.length + 1);
    let row = stack.array(Uint16Array, b.length + 1);
    for (let column = 0; column <= b.length; column++) above[column] = column;
    for (let line = 1; line <= a.length; line++) {
      row[0] = line;
      for (let column = 1; column <= b.length; column++) {
        const changed = a[line - 1] === b[column - 1] ? 0 : 1;
        row[column] = Math.min(row[column - 1] + 1, above[column] + 1, above[column - 1] + changed);
      }
      [above, row] = [row, above];
    }
    return above[b.length];
  });
}

const folder = await mkdtemp(join(tmpdir(), 'freehold-'));
const heap = new Heap();
try {
  const path = join(folder, 'settings');
  await writeFile(path, '# ports\nlisten = 8080\n\n# names\nhots = example.org\n');
  const settings = await withAllocator(heap, async () => settingsIn(path));
  assert(heap.owns(settings)); // the caller's to free
  console.log(`${settings.length} bytes left:`);
  for (const line of settings.toString().trimEnd().split('\n')) {
    const [name] = line.split(' = ');
    const [nearest] = ['listen', 'host', 'root'].sort((a, b) => distance(name, a) - distance(name, b));
    console.log(`  ${line}${nearest === name ? '' : ` (did you mean '${nearest}'?)`}`);
  }
  heap.free(settings);
} finally {
  await rm(folder, { recursive: true });
}
assert.equal(stack.stats().bytesUsed, 0);
stack.dispose();
heap.dispose();
console.log(String(memoryStats()));

/* Prints:
33 bytes left:
  listen = 8080
  hots = example.org (did you mean 'host'?)
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use    held
automatic           0       0     0 B       …
manual              0       0     0 B       …
arenas              1             0 B       …
pools               0       0     0 B       …
…
*/
