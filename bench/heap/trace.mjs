// @ts-check
// A server's allocations, recorded and replayed: how long does it take, and how much memory? Every peer in a process of
// its own, for its memory's sake.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from '../lib/child.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { repeat } from '../lib/rounds.mjs';
import { loadTrace } from '../lib/trace.mjs';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const count = (/** @type {number} */ n) => n.toLocaleString('en-US');

/** @type {Record<string, string>} */
const PEERS = {
  [OURS]: 'heap',
  'Buffer.allocUnsafe': 'allocUnsafe',
  'Buffer.allocUnsafeSlow': 'allocUnsafeSlow',
  'koffi.alloc': 'koffiAlloc',
  'C malloc': 'cMalloc',
  'node alone': 'nothing',
};
const PASSES = 10;

// What was recorded of the same server (`trace/record.mjs`).
const TRACES = [
  { name: 'buffers', title: 'trace of buffers' },
  { name: 'objects', title: 'trace of every object' },
];

/** @param {(typeof TRACES)[number]} of */
async function measure({ name, title }) {
  const trace = loadTrace(here(`trace/${name}.json`));
  // The children read what is ready to be replayed: the decoding takes more memory than most of them.
  const folder = mkdtempSync(join(tmpdir(), 'freehold-bench-'));
  const path = join(folder, 'events');
  writeFileSync(path, trace.events);
  const one = (/** @type {string} */ peer) =>
    ask(here('children/replay.mjs'), [PEERS[peer], PASSES, path, trace.slots].map(String));
  const { nanoseconds, mebibytes } = await repeat(
    Object.keys(PEERS),
    async (order) => {
      /** @type {Record<string, Record<string, number>>} */
      const figures = {};
      for (const peer of order) figures[peer] = await one(peer);
      return figures;
    },
    { rounds: 3, warmup: 0 },
  ).finally(() => rmSync(folder, { recursive: true }));
  delete nanoseconds['node alone'];
  const note =
    `${count(trace.allocations)} allocations of an HTTP server for JSON documents, at most ${count(trace.peakBlocks)} blocks ` +
    `and ${count(Math.round(trace.peakBytes / 1024))} KiB live; ${PASSES} times after 2 that warm up`;
  const against = 'Buffer.allocUnsafe';
  return {
    rows: [
      { title: `${title}, one allocation and free`, unit: 'ns', note, cells: nanoseconds },
      { title: `${title}, peak RSS of the process`, unit: 'MiB', cells: mebibytes },
    ],
    claims: [
      claim(
        `${title} against ${against}, times faster`,
        nanoseconds[against].median / nanoseconds[OURS].median,
        'at least',
        1,
      ),
      claim(
        `${title}, peak RSS against that of ${against}, times`,
        mebibytes[OURS].median / mebibytes[against].median,
        'at most',
        1,
      ),
    ],
  };
}

const found = [];
for (const each of TRACES) found.push(await measure(each));

report({
  question: 'a recorded server',
  rows: found.flatMap(({ rows }) => rows),
  claims: found.flatMap(({ claims }) => claims),
  doesNotShow: [
    'the work of the server: between two allocations nothing is done but one byte written per page',
    'a program in JavaScript: nobody could say when such a one has no use for a Buffer any more, so a server in Python was ' +
      'recorded, which counts its references',
    '@thi.ng/malloc: it looks for the block to free among all that are live, so a pass over every object takes half a minute',
  ],
});
