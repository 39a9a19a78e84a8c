// @ts-check
// A request takes 40 buffers of 16 KiB and lets go of all of them at its end: how long does it take, and how often does
// the garbage collector stop it?
import { setImmediate as turn } from 'node:timers/promises';
import { countCollections } from '../lib/gc.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave } from '../lib/rounds.mjs';
import { percentile } from '../lib/statistics.mjs';
import * as peers from '../lib/peers.mjs';

const BUFFERS = 40;
const SIZE = 16 * 1024;
const REQUESTS = 8000;
const REQUESTS_PER_TURN = 8;

/** @typedef {import('../lib/peers.mjs').Loop} Loop */

const work = Int32Array.of(1, BUFFERS, SIZE);
const latencies = new Float64Array(REQUESTS);

/**
 * One request after the other, the event loop turning after every few of them.
 * @param {Loop} request
 */
async function serve(request) {
  for (let i = 0; i < REQUESTS; i++) {
    const start = performance.now();
    request(work);
    latencies[i] = performance.now() - start;
    if (i % REQUESTS_PER_TURN === 0) await turn();
  }
}

/** @param {Loop} request */
const timed = (request) => async () => {
  const begin = performance.now();
  let wall = 0;
  const collections = await countCollections(async () => {
    await serve(request);
    wall = performance.now() - begin;
  });
  latencies.sort();
  const microseconds = (/** @type {number} */ milliseconds) => milliseconds * 1000;
  return {
    mean: microseconds(latencies.reduce((sum, latency) => sum + latency) / REQUESTS),
    p50: microseconds(percentile(latencies, 0.5)),
    p99: microseconds(percentile(latencies, 0.99)),
    p999: microseconds(percentile(latencies, 0.999)),
    wall: microseconds(wall / REQUESTS),
    collections: (collections.count * 1000) / REQUESTS,
    stopped: microseconds(collections.milliseconds / REQUESTS),
  };
};

const chunkBytes = 1024 * 1024;
const setting = { chunkBytes, blocks: BUFFERS };
const summary = await interleave({
  [OURS]: timed(peers.arenaUnsafe(setting)),
  'Buffer.allocUnsafe': timed(peers.bufferAllocUnsafe()),
  'Buffer.allocUnsafeSlow': timed(peers.bufferAllocUnsafeSlow()),
  'Buffer.alloc': timed(peers.bufferAlloc()),
  'new Uint8Array': timed(peers.uint8Array()),
  '@thi.ng/malloc': timed(peers.memPoolUnsafe(setting)),
  'koffi.alloc': timed(peers.koffiAlloc()),
});

const title = '40 x 16 KiB';
const note = `1 MiB chunk, a safe reset at the end of each request, ${REQUESTS.toLocaleString('en-US')} requests a round`;
report({
  question: 'the request loop',
  rows: [
    { title: `${title}: mean`, unit: 'us', note, cells: summary.mean },
    { title: `${title}: p50`, unit: 'us', cells: summary.p50 },
    { title: `${title}: p99`, unit: 'us', cells: summary.p99 },
    { title: `${title}: p99.9`, unit: 'us', cells: summary.p999 },
    {
      title: `${title}: with the loop turns`,
      unit: 'us',
      note: `a turn after every ${REQUESTS_PER_TURN} requests`,
      cells: summary.wall,
    },
    { title: `${title}: collections per 1,000`, unit: 'GCs', cells: summary.collections },
    { title: `${title}: stopped by GC per request`, unit: 'us', cells: summary.stopped },
  ],
  claims: [
    claim(
      'request loop p99 against Buffer.allocUnsafe, times lower',
      summary.p99['Buffer.allocUnsafe'].median / summary.p99[OURS].median,
      'at least',
      20,
    ),
  ],
  doesNotShow: [
    'a server: no sockets, no parsing, and one byte of each buffer written (npm start measures a real one)',
    'requests in flight together: each of those needs an arena of its own',
    'a large JavaScript heap, in which every collection that Buffer causes takes longer',
  ],
});
