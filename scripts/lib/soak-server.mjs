// The servers of the soak test: a cluster of two, as a child process. One lives as long as the test, and is asked what memory it
// holds; the other one is replaced again and again.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { Server as NetServer, createServer } from 'node:net';

const RESTART_MS = 5000;
const isBroken = process.env.SOAK_BREAK === '1';

if (cluster.isPrimary) await lead();
else await serve();

async function lead() {
  let restarts = 0;
  let errorsBefore = 0;
  const port = await freePort();
  const begin = async () => {
    const worker = cluster.fork({ SOAK_PORT: String(port) });
    await once(worker, 'message');
    return worker;
  };
  const kept = await begin();
  let fleeting = await begin();
  const ask = async (worker) => {
    worker.send('figures');
    const [said] = await once(worker, 'message');
    return said;
  };
  process.on('message', async () => {
    const said = await ask(kept);
    process.send({ ...said, errors: said.errors + errorsBefore, restarts });
  });
  process.on('disconnect', () => process.exit(0));
  process.send({ port });
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    const old = fleeting;
    const next = begin();
    // It ends its connections when their exchanges are over, says what it has seen, and goes.
    old.send('end');
    const [{ errors }] = await once(old, 'message');
    errorsBefore += errors;
    fleeting = await next;
    restarts++;
  }
}

/** All of a cluster listen on one port, which they have to know. */
async function freePort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
}

async function serve() {
  const { figures, listen } = await import('./soak-worker-server.mjs');
  const server = await listen(Number(process.env.SOAK_PORT), isBroken);
  const idle = new Set();
  server.on('connection', (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  let isEnding = false;
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('finish', () => {
      if (isEnding) socket.end();
      else if (!socket.destroyed) idle.add(socket);
    });
  });
  process.on('message', (what) => {
    if (what !== 'end') {
      process.send(figures());
      return;
    }
    isEnding = true;
    // Not node:http's own `close()`: it ends connections whose last response was ended, but has not left yet.
    NetServer.prototype.close.call(server, () => process.send(figures(), () => process.exit(0)));
    for (const socket of idle) socket.destroy();
  });
  process.send('listening');
}
