// One client of the soak test: a raw connection that completes exchanges, or breaks them off at a random point.
import { connect } from 'node:net';

/** A generator of pseudo-random numbers below 1, so that a seed tells the whole run (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The byte at `index` of what belongs to `seed`; no two seeds look alike for long. */
export const byteAt = (seed, index) =>
  ((Math.imul(seed, 0x9e3779b1) + Math.imul(index, 0x01000193) + (index >>> 8)) >>> 13) & 0xff;

/** Fills `bytes` with what belongs to `seed`, from its index `from` on. */
export function fill(bytes, seed, from = 0) {
  for (let i = 0; i < bytes.length; i++) bytes[i] = byteAt(seed, from + i);
  return bytes;
}

const CLOSED_BEFORE = 'the server closed the connection before it answered';
const LARGE_BYTES = 5 * 1024 * 1024;

/** How an exchange may end. Weights, in percent. */
const ENDS = [
  ['complete', 54],
  ['abort mid-upload', 20],
  ['abort before the response', 8],
  ['abort mid-response', 14],
  ['malformed', 4],
];

/** What no server should answer with 200, nor end for. */
const MALFORMED = [
  'GARBAGE\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: soak\r\nContent-Length: -1\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: soak\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: soak\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  `GET / HTTP/1.1\r\nHost: soak\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  'GET / HTTP/1.1\r\n\r\n',
];

function choose(random) {
  let left = random() * 100;
  return ENDS.find(([, weight]) => (left -= weight) < 0)?.[0] ?? 'complete';
}

/** The response in `bytes`, as far as it has come: where its body begins, and how long it is. */
function headOf(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = bytes.toString('latin1', 0, end);
  const length = /content-length: (\d+)/i.exec(head);
  return { status: Number(head.slice(9, 12)), bodyAt: end + 4, length: Number(length?.[1] ?? 0) };
}

/** Runs exchanges, one after the other, until `stop()`; counts into `totals`. */
export class SoakClient {
  #port;
  #random;
  #totals;
  #socket = null;
  #stopped = false;
  #nextSeed;
  // What the client waits for, for the report of one that waits for good.
  #waiting = 'nothing';

  /** `number` makes the seeds of its requests its own. */
  constructor(port, number, seed, totals) {
    this.#port = port;
    this.#random = randomFrom(seed + number);
    this.#totals = totals;
    this.#nextSeed = number * 1_000_003 + 1;
  }

  async run() {
    while (!this.#stopped) await this.#exchange();
    this.#socket?.destroy();
  }

  stop() {
    this.#stopped = true;
  }

  /** What the client waits for, and what its connection looks like. */
  get waiting() {
    const socket = this.#socket;
    if (socket === null) return `${this.#waiting}, without a connection`;
    const { readyState, bytesRead, bytesWritten, writableLength, destroyed, readableLength } = socket;
    const state = `${readyState}${socket.isPaused() ? ', paused' : ''}${destroyed ? ', destroyed' : ''}`;
    return `${this.#waiting}; ${state}, ${bytesRead} read, ${readableLength} not looked at, ${bytesWritten} written, ${writableLength} waiting`;
  }

  async #exchange() {
    const random = this.#random;
    const end = choose(random);
    const seed = this.#nextSeed++ >>> 0;
    // Most are small. Some are more than the sockets can hold, and is read slowly: only then does a response
    // depend on the server's memory after it was ended.
    const large = random() < 0.03;
    const length = large ? LARGE_BYTES : 1 + Math.floor(random() ** 3 * 200_000);
    this.#waiting = 'a connection';
    const socket = await this.#connection();
    if (socket === null) return;
    this.#waiting = `/${seed} (${length} bytes, ${end})`;
    if (end === 'malformed') {
      await this.#misbehave(socket);
      return;
    }
    const upload = fill(Buffer.allocUnsafe(length), seed);
    socket.write(`POST /${seed} HTTP/1.1\r\nHost: soak\r\nContent-Length: ${length}\r\n\r\n`);
    if (end === 'abort mid-upload') {
      socket.write(upload.subarray(0, Math.floor(random() * length)));
      // At once, or when the server has had the time to read some of it.
      if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
      this.#abort(end);
      return;
    }
    socket.write(upload);
    if (end === 'abort before the response') {
      this.#abort(end);
      return;
    }
    const wanted = end === 'complete' ? Infinity : 1 + Math.floor(random() * length);
    const wrong = await this.#receive(socket, seed, length, wanted, large || random() < 0.1);
    if (wrong === CLOSED_BEFORE) {
      // A server that is about to end closes idle connections: this one was taken for one. Clients send such a request again.
      this.#totals.ends['closed by a server that ends'] =
        (this.#totals.ends['closed by a server that ends'] ?? 0) + 1;
      return;
    }
    if (wrong !== null) this.#totals.wrong.push(`/${seed} (${length} bytes, ${end}): ${wrong}`);
    if (end === 'complete') this.#totals.ends[end] = (this.#totals.ends[end] ?? 0) + 1;
    else this.#abort(end);
  }

  /** Sends what is no request: the answer is an error, or the end of the connection. */
  async #misbehave(socket) {
    const said = new Promise((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString('latin1')));
      socket.once('close', () => resolve(text));
    });
    const request = MALFORMED[Math.floor(this.#random() * MALFORMED.length)];
    this.#waiting = `an answer to ${JSON.stringify(request.slice(0, 90))}`;
    socket.write(request);
    const text = await said;
    if (/^HTTP\/1\.1 2/.test(text))
      this.#totals.wrong.push(`a malformed request was answered: ${text.slice(0, 40)}`);
    this.#totals.ends.malformed = (this.#totals.ends.malformed ?? 0) + 1;
    this.#socket = null;
  }

  #abort(end) {
    this.#totals.ends[end] = (this.#totals.ends[end] ?? 0) + 1;
    if (this.#random() < 0.5) this.#socket?.resetAndDestroy();
    else this.#socket?.destroy();
    this.#socket = null;
  }

  /** Reads and checks the answer, or its first `wanted` bytes; null, or what was wrong. The server inverts each byte. */
  #receive(socket, seed, length, wanted, slowly) {
    return new Promise((resolve) => {
      let head = Buffer.alloc(0);
      let response = null;
      let seen = 0;
      const done = (result) => {
        socket.off('data', onData).off('close', onClose);
        if (result !== null) {
          socket.destroy();
          this.#socket = null;
        }
        resolve(result);
      };
      const onClose = () =>
        done(
          response === null && head.length === 0
            ? CLOSED_BEFORE
            : `the server closed the connection after ${seen} bytes`,
        );
      const check = (bytes) => {
        for (let i = 0; i < bytes.length; i++) {
          if (bytes[i] !== (byteAt(seed, seen + i) ^ 0xff)) return seen + i;
        }
        seen += bytes.length;
        this.#totals.bytes += bytes.length;
        return -1;
      };
      const onData = (chunk) => {
        let bytes = chunk;
        if (response === null) {
          head = Buffer.concat([head, chunk]);
          response = headOf(head);
          if (response === null) return;
          if (response.status !== 200 || response.length !== length)
            return done(`status ${response.status}, ${response.length} bytes`);
          bytes = head.subarray(response.bodyAt);
        }
        const at = check(bytes);
        if (at !== -1) return done(`byte ${at} is not this request's`);
        if (seen >= Math.min(length, wanted)) return done(null);
        if (slowly) {
          socket.pause();
          setTimeout(() => socket.resume(), seen < 500_000 ? 20 : 1);
        }
      };
      socket.on('data', onData).on('close', onClose);
    });
  }

  /** The connection that is open, or a new one; null when the server does not take it. */
  #connection() {
    if (this.#socket !== null) return this.#socket;
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1');
      socket.once('connect', () => resolve((this.#socket = socket)));
      socket.once('close', () => {
        if (this.#socket === socket) this.#socket = null;
        resolve(null);
      });
      socket.on('error', (error) => {
        const { code } = error;
        this.#totals.socketErrors[code] = (this.#totals.socketErrors[code] ?? 0) + 1;
      });
    });
  }
}
