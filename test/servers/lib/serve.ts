// Servers and raw clients for the tests: real sockets, and events instead of waiting.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that can be closed with its connections. */
interface Closable {
  listen(port: number, host: string): unknown;
  address(): AddressInfo | string | null;
  close(): unknown;
  closeAllConnections?(): void;
}

/** Listens on a free port until the test is over; resolves with the port. */
export async function listen(server: Closable & NodeJS.EventEmitter): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections?.();
  });
  return (server.address() as AddressInfo).port;
}

/** A server for `listener` until the test is over. */
export async function serve(
  listener: RequestListener,
): Promise<{ server: Server; port: number; url: string }> {
  const server = createServer(listener);
  const port = await listen(server);
  return { server, port, url: `http://127.0.0.1:${port}` };
}

/** A client that sees bytes and not messages. It reads nothing while it is paused. */
export class RawClient {
  readonly socket: Socket;
  #received: Buffer[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => this.#received.push(bytes));
    socket.on('error', () => {}); // the server may break the connection
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    onTestFinished(() => {
      socket.destroy();
    });
    return new RawClient(socket);
  }

  /** What has come so far. */
  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** Resolves when what has come satisfies `test`; rejects when the connection ends before. */
  until(test: (received: Buffer) => boolean): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.socket.off('data', look).off('close', closed);
      };
      const look = () => {
        if (!test(this.received)) return;
        stop();
        resolve(this.received);
      };
      const closed = () => {
        stop();
        reject(new Error(`closed after ${this.received.length} bytes`));
      };
      this.socket.on('data', look).on('close', closed);
      look();
    });
  }

  /** Resolves when the server has closed the connection. */
  async end(): Promise<Buffer> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.received;
  }

  get(path: string, headers = ''): void {
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n`);
  }
}

/** `length` bytes that tell whose they are, and where in the whole each of them belongs. */
export function fillPattern<T extends Uint8Array>(bytes: T, seed: number): T {
  for (let i = 0; i < bytes.length; i++) bytes[i] = (seed * 31 + i + (i >>> 8)) & 0xff;
  return bytes;
}

export function pattern(length: number, seed: number): Buffer {
  return fillPattern(Buffer.allocUnsafe(length), seed);
}

/** A promise and its settlers. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Resolves when the connection is closed and everyone who listens was told. */
export async function closed({ socket }: IncomingMessage): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => setImmediate(resolve)); // the response's own events come after the socket's
}
