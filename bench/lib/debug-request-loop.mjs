// @ts-check
// A child of bench/debug/sampling: the request loop of bench/arena, with debug mode as its argument says. Sends the least time per
// request in microseconds of several rounds: what the machine did meanwhile only ever adds to it.
import { setImmediate as turn } from 'node:timers/promises';
import { Arena, configure } from 'freehold';

const BUFFERS = 40;
const SIZE = 16 * 1024;
const REQUESTS = 4000;
const ROUNDS = 12;

const debug = JSON.parse(process.argv[2] ?? 'null');
if (debug !== null) configure({ debug });

const arena = new Arena({ initialBytes: 1024 * 1024 });
const payload = Buffer.alloc(SIZE, 'a request has to have something to do');

function request() {
  let sum = 0;
  for (let i = 0; i < BUFFERS; i++) {
    const block = arena.allocUnsafe(SIZE);
    block.set(payload, 0);
    sum += block[i];
  }
  arena.reset();
  return sum;
}

let least = Infinity;
for (let round = 0; round < ROUNDS; round++) {
  const start = performance.now();
  for (let i = 0; i < REQUESTS; i++) {
    request();
    if (i % 8 === 0) await turn();
  }
  if (round > 1) least = Math.min(least, (performance.now() - start) / REQUESTS);
}
process.send?.({ microseconds: least * 1000 });
