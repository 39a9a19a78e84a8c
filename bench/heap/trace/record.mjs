// @ts-check
// node bench/heap/trace/record.mjs: records bench/heap/trace/buffers.json and objects.json anew. Needs Linux with glibc, a C
// compiler and Python 3.11 or so. The figures of former recordings do not compare with those of a new one.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomFrom } from '../../lib/random.mjs';
import { encode, prepare } from '../../lib/trace.mjs';

const WARM_UP = 12;

/** What is recorded of the same server. */
const RECORDINGS = [
  {
    name: 'buffers',
    requests: 4000,
    allocator: 'pymalloc',
    what:
      'what CPython itself takes from malloc: bodies, documents as text, tables, compression windows, and what its libraries ' +
      'take (objects up to 512 bytes are in its own pools)',
  },
  {
    name: 'objects',
    requests: 400,
    allocator: 'malloc',
    what: 'every object, however small, through malloc',
  },
];

const here = dirname(fileURLToPath(import.meta.url));

/** What clients send: batches of entries of a lock file, which is JSON that people did not make up for a benchmark. */
function bodies() {
  const random = randomFrom(3);
  const lock = JSON.parse(readFileSync(join(here, '..', '..', '..', 'package-lock.json'), 'utf8'));
  const entries = Object.entries(lock.packages);
  return () => {
    // Most are small, some are large.
    const length = Math.ceil(2 ** (random() * 7));
    const begin = Math.floor(random() * (entries.length - length));
    return JSON.stringify(Object.fromEntries(entries.slice(begin, begin + length)));
  };
}

/** @param {number} port @param {string} method @param {string} path @param {string} [body] */
async function ask(port, method, path, body) {
  const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const sent = request({ port, method, path, headers, agent: false }).end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
}

/** Two answers for each document that is kept, of names that come and go. */
async function clients(/** @type {number} */ port, /** @type {number} */ requests) {
  const random = randomFrom(4);
  const body = bodies();
  for (let i = 0; i < WARM_UP + requests; i++) {
    const path = `/document-${Math.floor(random() * 100)}`;
    if (i % 3 === 0) await ask(port, 'POST', path, body());
    else await ask(port, 'GET', path);
  }
}

/**
 * @param {BigUint64Array} raw pairs of address and size, size 0 for a free
 * @returns {{ size: number, age: number }[]}
 */
function events(raw) {
  /** @type {Map<bigint, number>} */
  const serials = new Map();
  let serial = 0;
  /** @type {{ size: number, age: number }[]} */
  const found = [];
  for (let i = 0; i < raw.length; i += 2) {
    const [address, size] = [raw[i], Number(raw[i + 1])];
    if (size > 0) {
      serials.set(address, serial++);
      found.push({ size, age: 0 });
      continue;
    }
    const born = serials.get(address);
    // What was there before the recording is not ours to free.
    if (born === undefined) continue;
    serials.delete(address);
    found.push({ size: 0, age: serial - born });
  }
  return found;
}

/** @param {string} folder @param {(typeof RECORDINGS)[number]} recording */
async function record(folder, { name, requests, allocator, what }) {
  const library = join(folder, 'recorder.so');
  const output = join(folder, 'events');
  execFileSync('cc', ['-O2', '-shared', '-fPIC', join(here, 'recorder.c'), '-o', library]);
  const args = [join(here, 'server.py'), String(WARM_UP), String(requests), output];
  const env = { ...process.env, LD_PRELOAD: library, PYTHONMALLOC: allocator, PYTHONHASHSEED: '0' };
  const server = spawn('python3', args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(server.stdout, 'data');
  const closed = once(server, 'close');
  await clients(Number(String(port)), requests);
  const [code] = await closed;
  if (code !== 0) throw new Error(`the server ended with exit code ${code}`);

  const bytes = readFileSync(output);
  const data = encode(events(new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8)));
  const { allocations, peakBytes, peakBlocks } = prepare(data);
  const python = execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim();
  const about =
    `malloc and free of an HTTP server (bench/heap/trace/server.py: ${python}, http.server, json, zlib) while it handled ` +
    `${requests} requests after ${WARM_UP} that warmed it up: JSON documents kept, parsed, serialized and compressed. ` +
    `Recorded: ${what}. By bench/heap/trace/record.mjs, with recorder.c preloaded. A realloc is a free and an allocation; ` +
    'calloc and memalign are allocations; frees of what was there before are left out. Encoding: bench/lib/trace.mjs.';
  const product = join(here, `${name}.json`);
  writeFileSync(product, `${JSON.stringify({ about, allocations, peakBytes, peakBlocks, data }, null, 2)}\n`);
  console.log(
    `${product}: ${allocations} allocations, at most ${peakBlocks} blocks and ${peakBytes} bytes live`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'freehold-trace-'));
try {
  for (const recording of RECORDINGS) await record(folder, recording);
} finally {
  rmSync(folder, { recursive: true });
}
