// @ts-check
// A web server in which every request has an arena: whatever it allocates ends with its response, all at once.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { memoryStats } from 'freehold';
import { arenaHandler } from 'freehold/http';

/**
 * The body in one block. The last block of an arena grows in place, so that each chunk is copied once.
 *
 * @param {import('freehold/http').ArenaRequest} request
 */
async function readBody(request) {
  const { arena } = request;
  let body = arena.allocUnsafe(0);
  for await (const chunk of request) {
    const length = body.length;
    body = arena.realloc(body, length + chunk.length);
    body.set(chunk, length);
  }
  return body;
}

/**
 * The numbers in lines of text, sorted.
 *
 * @param {import('freehold').Arena} arena
 * @param {Buffer} text
 */
function numbersIn(arena, text) {
  const lines = text.toString('latin1').split('\n').filter(Boolean);
  const numbers = arena.array(Float64Array, lines.length);
  lines.forEach((line, index) => (numbers[index] = Number(line)));
  return numbers.sort();
}

/** @type {Buffer[]} What a request must not do: keep its blocks. Here to show that they end. */
const kept = [];

const server = createServer(
  arenaHandler(
    async (request, response) => {
      const body = await readBody(request);
      const numbers = numbersIn(request.arena, body);
      kept.push(body);
      const median = numbers[numbers.length >> 1];
      if (median === undefined || numbers.some(Number.isNaN)) response.statusCode = 400;
      // The answer is a block, too: the arena ends when its last byte was handed to the system.
      const answer =
        response.statusCode === 200 ? `median ${median} of ${numbers.length}` : 'numbers, please';
      response.end(request.arena.string(answer));
    },
    { limitBytes: 16 * 1024 * 1024 }, // one request cannot take the memory of all
  ),
);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

/** @param {string} body */
async function ask(body) {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  return `${response.status} ${await response.text()}`;
}

const many = Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 100_000).join('\n');
const answers = await Promise.all([ask('3\n1\n2\n'), ask(many), ask('one\ntwo\n'), ask('')]);
for (const answer of answers) console.log(answer);
assert.deepEqual(
  answers.map((answer) => answer.slice(0, 3)),
  ['200', '200', '400', '400'],
);

server.close();
server.closeIdleConnections();
await once(server, 'close');
assert.equal(kept.length, 4);
console.log(
  'bytes of the bodies that are left:',
  kept.reduce((total, body) => total + body.length, 0),
);
console.log(String(memoryStats()));

/* Prints:
200 median 2 of 3
200 median 50000 of 100000
400 numbers, please
400 numbers, please
bytes of the bodies that are left: 0
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use    held
automatic           0       0     0 B       …
manual              0       0     0 B       …
arenas              …             0 B       …
pools               0       0     0 B       …
…
*/
