// @ts-check
// Memory of a server in layers: each request has a budget, a little fast memory and then the heap of all, and is watched.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

import {
  Arena,
  FreeholdError,
  Heap,
  StringBuilder,
  fallback,
  limited,
  memoryStats,
  tracking,
} from 'freehold';

// What all requests share, and together may have.
const heap = new Heap({ name: 'shared' });
const shared = limited(heap, 256 * 1024, { name: 'all requests' });

/** The memory of one request, from the inside to the outside. */
function requestMemory() {
  const scratch = new Arena({ name: 'scratch', initialBytes: 4096, limitBytes: 4096 });
  const either = fallback(scratch, shared); // 4 KiB of its own first
  const budget = limited(either, 64 * 1024, { name: 'one request' });
  return { scratch, memory: tracking(budget, { name: 'request', onLeak: 'throw' }) };
}

/**
 * A table of `rows` lines, which the caller disposes. When there is no memory for it, nothing of it is left.
 *
 * @param {import('freehold').Allocator} memory
 * @param {number} rows
 */
function report(memory, rows) {
  const text = new StringBuilder({ allocator: memory });
  try {
    for (let row = 0; row < rows; row++)
      text
        .append(row)
        .append(';')
        .append(row * row)
        .append('\n');
    return text;
  } catch (error) {
    text.dispose();
    throw error;
  }
}

/** @type {string[]} What the log of the server would say. */
const lines = [];

const server = createServer(async (request, response) => {
  const rows = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('rows'));
  const { scratch, memory } = requestMemory();
  try {
    const text = report(memory, rows);
    try {
      lines.push(`${rows} rows: from ${heap.owns(text.bytes) ? 'the heap' : 'the scratch memory'}`);
      // The bytes belong to the system until it has sent them.
      response.end(text.bytes);
      await once(response, 'close');
    } finally {
      text.dispose();
    }
  } catch (error) {
    // Over the budget: an answer for this client, and nothing for the others to notice.
    const code = error instanceof FreeholdError ? error.code : 'something else';
    lines.push(`${rows} rows: ${code}`);
    if (response.headersSent) response.destroy();
    else response.writeHead(code === 'ERR_FREEHOLD_LIMIT' ? 413 : 500).end('no memory for that\n');
  } finally {
    memory.dispose(); // throws when a block was forgotten; { onLeak: 'warn' } is for production
    scratch.dispose();
  }
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

/** @param {number} rows */
async function ask(rows) {
  const response = await fetch(`http://127.0.0.1:${port}/?rows=${rows}`);
  return { status: response.status, length: (await response.text()).length };
}

// One after the other, so that they are logged in this order.
for (const rows of [10, 1000, 1_000_000, 0]) {
  const { status, length } = await ask(rows);
  console.log(`${rows} rows: ${status}, ${length} bytes`);
}
const together = await Promise.all([1000, 2000, 1_000_000, 3000, 500].map(ask));
assert.deepEqual(
  together.map(({ status }) => status),
  [200, 200, 413, 200, 200],
);

server.close();
server.closeIdleConnections();
await once(server, 'close');
console.log(lines.slice(0, 4).join('\n'));
const { bytesUsed, bytesPeak, bytesLimit } = shared.stats();
assert(bytesPeak <= bytesLimit);
console.log(`shared: ${bytesUsed} bytes in use, a budget of ${bytesLimit}`);
shared.dispose();
heap.dispose();
console.log(String(memoryStats()));

/* Prints:
10 rows: 200, 46 bytes
1000 rows: 200, 10427 bytes
1000000 rows: 413, 19 bytes
0 rows: 200, 0 bytes
10 rows: from the scratch memory
1000 rows: from the heap
1000000 rows: ERR_FREEHOLD_LIMIT
0 rows: from the scratch memory
shared: 0 bytes in use, a budget of 262144
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B     …
manual              0       0     0 B     …
arenas              0             0 B     …
pools               0       0     0 B     …
…
*/
