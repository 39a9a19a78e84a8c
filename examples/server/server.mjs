// A small HTTP service (service.mjs), the same code over two kinds of memory, on five frameworks.
//
// MODE=buffer takes every buffer from Node; MODE=arena takes it from the arena of the request, and so does MODE=lazy, where handlers ask
// lazyArenas() for it. FRAMEWORK is http (the default), express, fastify, koa or hono. PORT=0, the default, means any free port. Run it
// by hand:
//
//   MODE=arena PORT=3000 node examples/server/server.mjs
//   printf 'user-1,hello\nuser-2,world\n' | curl -s --data-binary @- http://127.0.0.1:3000/transform | xxd
import { reportTo } from './figures.mjs';
import { ROUTES } from './service.mjs';

const FRAMEWORKS = ['http', 'express', 'fastify', 'koa', 'hono'];
const { MODE: mode = 'arena', FRAMEWORK: framework = 'http', PORT: port = '0', ARENAS = '{}' } = process.env;
if (!['arena', 'lazy', 'buffer'].includes(mode))
  throw new Error(`MODE must be arena, lazy or buffer, but is ${mode}`);
if (!FRAMEWORKS.includes(framework))
  throw new Error(`FRAMEWORK must be one of ${FRAMEWORKS.join(', ')}, but is ${framework}`);

const { createService } = await import(`./frameworks/${framework}.mjs`);
const server = await createService(ROUTES, mode === 'buffer' ? null : JSON.parse(ARENAS), mode === 'lazy');
server.listen(Number(port), '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  if (process.send) reportTo(process, { mode, framework, url });
  else console.log(`${framework}, ${mode}: ${url}`);
});
