// A server of the soak test: it inverts each byte of an upload through blocks of the request's arena, in one of several ways.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { randomFill } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { Arena, memoryStats } from 'freehold';
import { arenaHandler } from 'freehold/http';

const fillRandomly = promisify(randomFill);

function inverted(bytes) {
  for (let i = 0; i < bytes.length; i++) bytes[i] ^= 0xff;
  return bytes;
}

/** How an answer is sent: a block, parts of one, or a pipeline of them. */
const ways = [
  (response, block) => response.end(block),
  (response, block) => {
    for (let at = 0; at < block.length; at += 16_384) response.write(block.subarray(at, at + 16_384));
    response.end();
  },
  (response, block) => pipeline(Readable.from(slices(block)), response),
];

function* slices(block) {
  for (let at = 0; at < block.length; at += 8192) yield block.subarray(at, at + 8192);
}

async function answer(request, response, arena) {
  const parts = [];
  for await (const chunk of request) parts.push(inverted(arena.copy(chunk)));
  const seed = Number(request.url.slice(1));
  // Native work in the middle: pinned and waited for, or not at all when the response does not need it.
  const scratch = arena.allocUnsafe(4096);
  if (seed % 5 === 0) await arena.pinned(() => fillRandomly(scratch));
  else if (seed % 17 === 0) void arena.pinned(() => fillRandomly(scratch));
  const whole = arena.alloc(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  response.setHeader('Content-Length', whole.length);
  await ways[seed % ways.length](response, whole);
}

let errors = 0;

function count(error) {
  errors++;
  console.error(error);
}
process.on('unhandledRejection', count);

/** The server as it should be. */
const well = arenaHandler((request, response) => answer(request, response, request.arena), {
  onError(error, request) {
    // A pipeline or a body that the client broke off is its own affair; everything else is ours.
    if (!request.socket.destroyed) count(error);
  },
});

/**
 * The mistake that people make who write it themselves: the arena is reset when the handler has returned, and not when the response
 * has left. The test has to find out.
 */
const spare = [];
function broken(request, response) {
  const arena = spare.pop() ?? new Arena({ reset: 'reuse', initialBytes: 16 * 1024 * 1024 });
  answer(request, response, arena).then(
    () => {
      arena.reset({ whenPinned: 'orphan' });
      spare.push(arena);
    },
    () => response.destroy(),
  );
}

/** Lines of the process's memory map: what leaks of mapped pages show in first. 0 where there is none. */
function mappings() {
  try {
    return readFileSync('/proc/self/maps', 'latin1').split('\n').length - 1;
  } catch {
    return 0;
  }
}

/** What this process holds now. */
export function figures() {
  const { rss, external } = process.memoryUsage();
  const { arenas, chunks } = memoryStats();
  return {
    rss,
    external,
    mappings: mappings(),
    mapped: chunks.mappedBytes,
    orphaned: chunks.orphanedBytes,
    arenas: arenas.count,
    errors,
  };
}

/** A server that listens on `port`; 0 for any. Resolves with the server. */
export function listen(port, isBroken) {
  const server = createServer(isBroken ? broken : well);
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}
