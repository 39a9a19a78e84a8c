// @ts-check
// The servers of http-times.mjs: all in this process, and fed by Duplex streams in the place of sockets, as node:http allows.
import { Duplex } from 'node:stream';
import { ROUTES } from '../../examples/server/service.mjs';

const CONNECTIONS = 32;
const REQUESTS = 4000;
const WARM_UP = 6;
const ROUNDS = 60;

const [framework, path, columns] = process.argv.slice(2);
const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
const { createService } = await import(`../../examples/server/frameworks/${framework}.mjs`);

/** What a client writes, and hears of. */
class Connection extends Duplex {
  // Called for what the server has written.
  /** @type {(chunk: Buffer) => void} */
  heard = () => {};

  remoteAddress = '127.0.0.1';

  // As the server asks of a socket.
  setTimeout() {
    return this;
  }

  setNoDelay() {
    return this;
  }

  setKeepAlive() {
    return this;
  }

  /** @override */
  _read() {}

  /**
   * @override
   * @param {Buffer} chunk
   * @param {string} _encoding
   * @param {() => void} done
   */
  _write(chunk, _encoding, done) {
    this.heard(chunk);
    done();
  }

  /**
   * @override
   * @param {{ chunk: Buffer }[]} chunks
   * @param {() => void} done
   */
  _writev(chunks, done) {
    this.heard(Buffer.concat(chunks.map(({ chunk }) => Buffer.from(chunk))));
    done();
  }
}

/**
 * Sends requests over a connection, one after the other.
 *
 * @param {Connection} connection
 * @param {number} count
 */
function send(connection, count) {
  let left = count;
  return new Promise((resolve) => {
    connection.heard = (chunk) => {
      if (!chunk.includes('HTTP/1.1 ')) return; // what follows the head
      if (!chunk.includes('HTTP/1.1 200')) throw new Error(String(chunk));
      left--;
      if (left === 0) resolve(undefined);
      else setImmediate(() => connection.push(request));
    };
    connection.push(request);
  });
}

/** @type {{ kind: string, connections: Connection[], times: number[] }[]} */
const servers = [];
for (const { kind, MODE, ARENAS = '{}' } of JSON.parse(columns)) {
  const server = await createService(ROUTES, MODE === 'buffer' ? null : JSON.parse(ARENAS), MODE === 'lazy');
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection());
  for (const connection of connections) server.emit('connection', connection);
  servers.push({ kind, connections, times: [] });
}

for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const { connections, times } of round % 2 === 0 ? servers : [...servers].reverse()) {
    const begin = performance.now();
    await Promise.all(connections.map((connection) => send(connection, REQUESTS / CONNECTIONS)));
    if (round >= 0) times.push(((performance.now() - begin) * 1000) / REQUESTS);
  }
}
process.send?.(Object.fromEntries(servers.map(({ kind, times }) => [kind, times])), () => process.exit());
