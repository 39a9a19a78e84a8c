// A small HTTP service, the same code over two kinds of memory:
//
//   POST /transform          lines of `key,value` in, batches by partition out (partition.mjs): heavy on buffers
//   POST /transform/unsafe   the same with batches that are not zero-filled
//   GET  /light              a few bytes of JSON: no buffers at all
//
// MODE=buffer takes every buffer from Node; MODE=arena takes it from the arena of the request. PORT=0, the default,
// means any free port. Run it by hand:
//
//   MODE=arena PORT=3000 node examples/server/server.mjs
//   printf 'user-1,hello\nuser-2,world\n' | curl -s --data-binary @- http://127.0.0.1:3000/transform | xxd
import { createServer } from 'node:http';
import { readBody } from './body.mjs';
import { reportTo } from './figures.mjs';
import { partition } from './partition.mjs';

/** Answers one request. `memory()` is where its buffers come from; it is asked only by those who need one. */
async function handle(request, response, memory) {
  if (request.method === 'GET' && request.url === '/light') {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ ok: true, pid: process.pid }));
  } else if (
    request.method === 'POST' &&
    (request.url === '/transform' || request.url === '/transform/unsafe')
  ) {
    const body = await readBody(request, memory);
    if (body === null) {
      response.writeHead(413, { Connection: 'close' }).end();
      return;
    }
    const batches = partition(body, memory(), request.url === '/transform/unsafe');
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Content-Length', batches.length);
    response.end(batches);
  } else {
    response.writeHead(404).end();
  }
}

/** The service without freehold: it is not even loaded. */
function onBuffers() {
  return createServer((request, response) => {
    handle(request, response, () => Buffer).catch((error) => response.destroy(error));
  });
}

/** The service with an arena per request. */
async function onArenas() {
  const { arenaHandler } = await import('freehold/http');
  // A request takes some 1.3 MiB: more than arenas keep by default between two requests.
  const options = { retain: 4 * 1024 * 1024 };
  return createServer(
    arenaHandler((request, response) => handle(request, response, () => request.arena), options),
  );
}

const mode = process.env.MODE ?? 'arena';
if (mode !== 'arena' && mode !== 'buffer') throw new Error(`MODE must be arena or buffer, but is ${mode}`);
const server = mode === 'arena' ? await onArenas() : onBuffers();
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  if (process.send) reportTo(process, { mode, url });
  else console.log(`${mode}: ${url}`);
});
