// @ts-check
// An upload of files as multipart/form-data: busboy finds the parts, and each becomes one block of the request's arena.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';

import busboy from 'busboy';
import { memoryStats } from 'freehold';
import { arenaHandler } from 'freehold/http';

/**
 * A stream as one block. The last block of an arena grows in place, so that each chunk is copied once.
 *
 * @param {import('node:stream').Readable} stream
 * @param {import('freehold').Arena} arena
 */
async function toBlock(stream, arena) {
  let block = arena.allocUnsafe(0);
  for await (const chunk of stream) {
    const { length } = block;
    block = arena.realloc(block, length + chunk.length);
    block.set(chunk, length);
  }
  return block;
}

const server = createServer(
  arenaHandler(
    async (request, response) => {
      const { arena } = request;
      /** @type {Promise<string>[]} */
      const files = [];
      const parts = busboy({ headers: request.headers, limits: { files: 10, fileSize: 1024 * 1024 } });
      parts.on('file', (_field, file, { filename }) => {
        files.push(
          toBlock(file, arena).then((block) => {
            const hash = createHash('sha256').update(block).digest('hex').slice(0, 8);
            return `${filename}: ${block.length} bytes, ${hash}${file.truncated ? ', cut off' : ''}`;
          }),
        );
      });
      await pipeline(request, parts);
      response.end(arena.string((await Promise.all(files)).join('\n')));
    },
    { limitBytes: 16 * 1024 * 1024 },
  ),
);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

const form = new FormData();
form.append('files', new Blob(['hello']), 'hello.txt');
form.append('files', new Blob([new Uint8Array(300_000).fill(7)]), 'sevens.bin');
form.append('files', new Blob([new Uint8Array(2_000_000)]), 'large.bin');
const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: form });
assert.equal(response.status, 200);
console.log(await response.text());

server.close();
server.closeIdleConnections();
await once(server, 'close');
console.log(String(memoryStats()));

/* Prints:
hello.txt: 5 bytes, 2cf24dba
sevens.bin: 300000 bytes, 08f16647
large.bin: 1048576 bytes, 30e14955, cut off
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B     …
manual              0       0     0 B     …
arenas              …             0 B     …
pools               0       0     0 B     …
…
*/
