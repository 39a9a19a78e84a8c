// @ts-check
// What do C libraries cost on allocator callbacks, against malloc of the C library? One call runs a library once, in C.
import { deflateSync } from 'node:zlib';
import { Arena, Heap } from 'freehold';
import { loadLibraries } from '../lib/c-libraries.mjs';
import { OURS, claim, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';
import * as documents from '../lib/xml-documents.mjs';

/** @typedef {import('../lib/question.mjs').Row} Row */

const HEAP = 'freehold heap';
const MALLOC = 'C malloc';
const C = 0n;
const libraries = await loadLibraries();
const arena = new Arena();
const heap = new Heap();
const ofArena = arena.callbacks();
const ofHeap = heap.callbacks();

/** @param {string} title @param {string} note @param {Record<string, () => number>} peers nanoseconds @returns {Promise<Row>} */
async function row(title, note, peers) {
  const columns = Object.fromEntries(
    Object.entries(peers).map(([peer, time]) => [peer, () => ({ time: time() })]),
  );
  const { time } = await interleave(columns, { rounds: 25, warmup: 4 });
  return { title, note, unit: 'ns', cells: time };
}

/** @param {number} times @param {() => unknown} work */
const repeated = (times, work) => () =>
  nanoseconds(() => {
    for (let k = 0; k < times; k++) work();
  }, times);

/** One parser for each document: dropped by a reset, or freed. @param {string} title @param {Buffer} text */
function parsing(title, text) {
  const { parseOne } = libraries;
  const times = Math.max(20, Math.round(300_000 / text.length));
  return row(title, `a parser for each, ${text.length} B`, {
    [OURS]: repeated(times, () => {
      parseOne(ofArena.expat, text, text.length, 1);
      arena.reset();
    }),
    [HEAP]: repeated(times, () => parseOne(ofHeap.expat, text, text.length, 0)),
    [MALLOC]: repeated(times, () => parseOne(C, text, text.length, 0)),
  });
}

/** @param {string} title @param {Buffer} plain */
function inflating(title, plain) {
  const bytes = deflateSync(plain);
  const out = Buffer.alloc(plain.length);
  const times = Math.max(20, Math.round(500_000 / (plain.length + 1000)));
  /** @param {bigint} zalloc @param {bigint} zfree @param {bigint} opaque */
  const inflated = (zalloc, zfree, opaque) =>
    repeated(times, () => libraries.inflateOne(zalloc, zfree, opaque, bytes, bytes.length, out, out.length));
  const [a, h] = [ofArena.zlib, ofHeap.zlib];
  return row(title, `a stream for each, ${bytes.length} B compressed`, {
    [OURS]: inflated(a.zalloc, a.zfree, a.opaque),
    [HEAP]: inflated(h.zalloc, h.zfree, h.opaque),
    [MALLOC]: inflated(C, C, C),
  });
}

/** @param {number} size @param {string} name */
function pairs(size, name) {
  const [a, h] = [ofArena.plain, ofHeap.plain];
  const count = 100_000;
  return row(`malloc and free by their addresses, ${name}`, 'one block at a time', {
    [OURS]: () => libraries.pairs(a.malloc, a.free, size, count),
    [HEAP]: () => libraries.pairs(h.malloc, h.free, size, count),
    [MALLOC]: () => libraries.pairs(C, C, size, count),
  });
}

const SCRIPT = `local n = 0
for round = 1, 5 do
  local all = {}
  for i = 1, 2000 do all[i] = { id = i, name = 'n' .. i, list = { 1, 2, 3 } } end
  n = n + #all
end
return n`;

const json = Buffer.from(
  Array.from({ length: 200 }, (_, index) => `{"id":${index},"name":"name ${(index * 7919) % 1000}"}`).join(
    ',',
  ),
);
const { lua, plain } = ofHeap;

const envelope = await parsing('expat: a SOAP envelope', documents.envelope());
const namespaces = await parsing('expat: 100 elements, each with a namespace', documents.namespaces(100));
const nested = await parsing(
  'expat: 30 elements in each other, four namespaces each',
  documents.nested(30, 4),
);
const deep = await parsing(
  'expat: 100 elements in each other, two namespaces each',
  documents.nested(100, 2),
);
const catalogue = await parsing('expat: 200 items of a catalogue', documents.catalogue(200));
const small = await inflating('zlib: 300 B of JSON', json.subarray(0, 300));
const larger = await inflating(`zlib: ${json.length} B of JSON`, json);
const rows = [
  envelope,
  namespaces,
  nested,
  deep,
  catalogue,
  small,
  larger,
  await pairs(64, '64 B'),
  await pairs(1000, '1,000 B'),
  await row('malloc and free of random ones of 1,024', '16 to 515 B', {
    [OURS]: () => libraries.replacements(plain.malloc, plain.free, 200_000),
    [MALLOC]: () => libraries.replacements(C, C, 200_000),
  }),
  await row('Lua: 20,000 tables', 'a state for each', {
    [OURS]: repeated(1, () => libraries.runScript(lua.alloc, lua.ud, SCRIPT)),
    [MALLOC]: repeated(1, () => libraries.runScript(C, C, SCRIPT)),
  }),
];

/** @param {Row} row */
const ratio = ({ cells }) => cells[MALLOC].median / cells[OURS].median;

report({
  question: 'What do C libraries cost on allocator callbacks, against malloc?',
  rows,
  claims: [
    claim('expat, four namespaces each: times faster than on malloc', ratio(nested), 'at least', 1.15),
    claim('expat, 100 deep: times faster than on malloc', ratio(deep), 'at least', 1.15),
    claim('expat, a small document: no slower', ratio(envelope), 'at least', 1),
    claim('zlib, a small stream, in an arena: no slower', ratio(small), 'at least', 1),
  ],
  doesNotShow: [
    'the last two rows are of heap callbacks: an arena gives memory that is freed out of order back at its reset only',
    'a library on several threads: callbacks serve one',
    'what XML_SetHashSalt saves: without it expat asks the kernel for random bytes for each parser, whatever the allocator',
  ],
});
