// @ts-check
// Log lines that are formatted in the same 256 bytes, again and again. A line that is too long goes to the heap instead.
import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';

import { FixedBuffer, Heap, StringBuilder, fallback, memoryStats } from 'freehold';

const scratch = new FixedBuffer(Buffer.alloc(256), { name: 'line' });
const heap = new Heap({ name: 'long lines' });
const lineMemory = fallback(scratch, heap);
const figures = { lines: 0, onHeap: 0, longest: 0 };

/**
 * Writes one line: `level message key=value …`. The builder's block is the last of the fixed buffer, which grows in
 * place up to 256 bytes; then the fallback moves it to the heap. The end of the builder gives it back wherever it is.
 *
 * @param {'info' | 'warn'} level
 * @param {string} message
 * @param {Record<string, string | number>} fields
 */
function log(level, message, fields) {
  const line = new StringBuilder({ allocator: lineMemory });
  try {
    line.append(level).append(' ').append(message);
    for (const name of Object.keys(fields)) line.append(' ').append(name).append('=').append(fields[name]);
    line.append('\n');
    writeSync(1, line.bytes); // the bytes themselves: no string was made of them
    figures.lines++;
    figures.longest = Math.max(figures.longest, line.length);
    if (heap.owns(line.bytes)) figures.onHeap++;
  } finally {
    line.dispose();
  }
  assert.equal(scratch.stats().bytesUsed, 0);
  assert.equal(heap.stats().blocks, 0);
}

log('info', 'listening', { port: 8080, pid: 1234 });
for (const [path, status] of /** @type {const} */ ([
  ['/', 200],
  ['/missing', 404],
])) {
  log(status === 200 ? 'info' : 'warn', 'request', { path, status, bytes: path.length * 512 });
}
log('warn', 'slow query', { sql: `SELECT ${'name, '.repeat(50)}id FROM users`, ms: 1204.5 });
log('info', 'bye', {});

console.log('formatted:', JSON.stringify(figures));

// Without a fallback a fixed buffer is a hard limit, which a program can ask about before it works.
const fits = scratch.tryAlloc(200);
console.log('room for 200 bytes:', fits !== null, '- and for 100 more:', scratch.tryAlloc(100) !== null);
if (fits !== null) scratch.free(fits);

lineMemory.dispose();
scratch.dispose();
heap.dispose();
console.log(String(memoryStats()));

/* Prints:
info listening port=8080 pid=1234
info request path=/ status=200 bytes=512
warn request path=/missing status=404 bytes=4096
warn slow query sql=SELECT name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, name, id FROM users ms=1204.5
info bye
formatted: {"lines":5,"onHeap":1,"longest":351}
room for 200 bytes: true - and for 100 more: false
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B     …
manual              0       0     0 B     …
arenas              0             0 B     …
pools               0       0     0 B     …
…
*/
