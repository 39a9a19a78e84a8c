// The service: what each route does, whatever framework calls it.
//
//   POST /transform          lines of `key,value` in, batches by partition out (partition.mjs): heavy on buffers
//   POST /transform/unsafe   the same with batches that are not zero-filled
//   POST /json               a JSON document in, the same with its numbers summed up out: some buffers, mostly JSON.parse
//   GET  /stream             256 KiB in 16 blocks, as a stream
//   GET  /static/<file>      a file of this folder
//   GET  /light              a few bytes of JSON: no buffers at all
//   GET  /error              a handler that throws
//
// A handler gets `{ request, params, memory }`: `memory()` is where its buffers come from, `Buffer` or the arena of the request; it is
// asked only by those who need one. It returns `{ status, headers, body }`; a body is a buffer, a string or a stream.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { readBody } from './body.mjs';
import { partition } from './partition.mjs';

const STREAM_BLOCKS = 16;
const STREAM_BLOCK_BYTES = 16 * 1024;

const bytes = (body) => ({
  status: 200,
  headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(body.length) },
  body,
});
const json = (value, status = 200) => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
});
const tooLarge = () => ({ status: 413, headers: { Connection: 'close' }, body: '' });

/** @param {boolean} unsafe */
const transform =
  (unsafe) =>
  async ({ request, memory }) => {
    const body = await readBody(request, memory);
    return body === null ? tooLarge() : bytes(partition(body, memory(), unsafe));
  };

/** Reads a document `{ "rows": [[1, 2, ...], ...] }`; answers it with the sums of the rows, encoded into one buffer. */
async function sumRows({ request, memory }) {
  const body = await readBody(request, memory);
  if (body === null) return tooLarge();
  let document;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch {
    return json({ error: 'not JSON' }, 400);
  }
  if (!Array.isArray(document?.rows)) return json({ error: 'no rows' }, 400);
  const sums = document.rows.map((row) => row.reduce((sum, value) => sum + value, 0));
  const text = JSON.stringify({ ...document, sums });
  const answer = memory().allocUnsafe(Buffer.byteLength(text));
  answer.write(text);
  const reply = bytes(answer);
  reply.headers['Content-Type'] = 'application/json';
  return reply;
}

function stream({ memory }) {
  const allocator = memory();
  return {
    status: 200,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: Readable.from(blocksOf(allocator)),
  };
}

function* blocksOf(allocator) {
  for (let number = 0; number < STREAM_BLOCKS; number++) {
    const block = allocator.alloc(STREAM_BLOCK_BYTES);
    block.fill(number + 1, 0, STREAM_BLOCK_BYTES / 2);
    yield block;
  }
}

async function file({ params }) {
  const path = fileURLToPath(new URL(basename(params.file), import.meta.url));
  try {
    const { size } = await stat(path);
    return {
      status: 200,
      headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': String(size) },
      body: createReadStream(path),
    };
  } catch {
    return json({ error: 'no such file' }, 404);
  }
}

/** @type {readonly { method: 'GET' | 'POST', path: string, handle: Function }[]} */
export const ROUTES = [
  { method: 'POST', path: '/transform', handle: transform(false) },
  { method: 'POST', path: '/transform/unsafe', handle: transform(true) },
  { method: 'POST', path: '/json', handle: sumRows },
  { method: 'GET', path: '/stream', handle: stream },
  { method: 'GET', path: '/static/:file', handle: file },
  { method: 'GET', path: '/light', handle: () => json({ ok: true, pid: process.pid }) },
  {
    method: 'GET',
    path: '/error',
    handle: () => {
      throw new Error('this route always fails');
    },
  },
];

/** A document for `/json`: `rows` times 8 numbers. */
export function sampleDocument(rows) {
  return Buffer.from(
    JSON.stringify({
      rows: Array.from({ length: rows }, (_, row) =>
        Array.from({ length: 8 }, (_, column) => row * 8 + column),
      ),
    }),
  );
}
