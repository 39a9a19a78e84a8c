// @ts-check
// replay.mjs <peer> <passes> <file of events> <slots>: replays a trace with one allocator, and sends the time of it and the
// most memory that the process had resident.
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { peakResident } from '../../lib/resident.mjs';
import * as peers from '../../lib/trace-peers.mjs';

/** Passes before the clock starts: V8 compiles the loop. */
const WARM_UP = 2;

const [, , peer, passes, path, slots] = process.argv;
const bytes = readFileSync(path);
const events = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const pass = peers[/** @type {keyof typeof peers} */ (peer)]({ events, slots: Number(slots) });

let elapsed = 0;
for (let i = 0; i < WARM_UP + Number(passes); i++) {
  const begin = performance.now();
  pass();
  // Buffers that nobody has any more are given back in a turn of the event loop.
  await turn();
  if (i >= WARM_UP) elapsed += performance.now() - begin;
}
const allocations = events.reduce((sum, event) => sum + (event < 0 ? 1 : 0), 0);
process.send?.({
  nanoseconds: (elapsed * 1e6) / (Number(passes) * allocations),
  mebibytes: peakResident() / 2 ** 20,
});
