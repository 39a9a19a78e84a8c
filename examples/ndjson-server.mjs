// @ts-check
// Lines of JSON in, lines of JSON out: a bulk request is read into one block, and each answer is sent as it is ready.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { memoryStats } from 'freehold';
import { arenaHandler, currentArena, readBody } from 'freehold/http';

const NEWLINE = 0x0a;

/**
 * The lines of a block, as parts of it: nothing is copied.
 *
 * @param {Buffer} block
 */
function* linesOf(block) {
  let begin = 0;
  while (begin < block.length) {
    const found = block.indexOf(NEWLINE, begin);
    const end = found < 0 ? block.length : found;
    if (end > begin) yield block.subarray(begin, end);
    begin = end + 1;
  }
}

/**
 * The answers, as blocks: what the response sends is what is built here.
 *
 * @param {Buffer} body
 */
function* answersTo(body) {
  for (const line of linesOf(body)) {
    const order = /** @type {{ item: string, count: number, price: number }} */ (JSON.parse(line.toString()));
    yield currentArena().string(
      `${JSON.stringify({ item: order.item, total: order.count * order.price })}\n`,
    );
  }
}

const server = createServer(
  arenaHandler(async (request, response) => {
    const body = await readBody(request, { limit: 8 * 1024 * 1024 });
    response.setHeader('Content-Type', 'application/x-ndjson');
    await pipeline(Readable.from(answersTo(body)), response);
  }),
);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

/** @param {string} body */
async function send(body) {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  return { status: response.status, lines: (await response.text()).trimEnd().split('\n') };
}

const few = await send('{"item":"pen","count":3,"price":2}\n\n{"item":"ink","count":1,"price":9}');
console.log(few.lines.join('\n'));

const orders = Array.from({ length: 20_000 }, (_, i) =>
  JSON.stringify({ item: `i${i}`, count: i, price: 2 }),
);
const many = await send(orders.join('\n'));
assert.equal(many.lines.length, orders.length);
console.log(many.lines.at(-1));

const large = await send(' '.repeat(9 * 1024 * 1024));
console.log('9 MiB are answered with', large.status);

server.close();
server.closeIdleConnections();
await once(server, 'close');
console.log(String(memoryStats()));

/* Prints:
{"item":"pen","total":6}
{"item":"ink","total":9}
{"item":"i19999","total":39998}
9 MiB are answered with 413
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B     …
manual              0       0     0 B     …
arenas              …             0 B     …
pools               0       0     0 B     …
…
*/
