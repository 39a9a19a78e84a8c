// readBody, readText and readJson over real sockets.
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
} from 'node:http2';
import { createServer as createHttpsServer, request as sendHttps } from 'node:https';
import { type AddressInfo, connect, createServer as createNetServer } from 'node:net';
import inject from 'light-my-request';
import { Arena, type Block } from 'freehold';
import {
  type ArenaRequest,
  type ArenaRequestHandler,
  type ReadBodyOptions,
  arenaHandler,
  readBody,
  readJson,
  readText,
} from 'freehold/http';
import { expect, onTestFinished, test } from 'vitest';
import { RawClient, deferred, listen, pattern, serve } from './lib/serve.ts';

const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const CLOSE = 'Connection: close\r\n';

/** A server that answers with the body, and what it saw. */
async function echo(options?: ReadBodyOptions, limitBytes = Infinity) {
  const bodies: Block[] = [];
  const used: number[] = [];
  const errors: unknown[] = [];
  const handler = arenaHandler(
    async (request, response) => {
      try {
        const body = await readBody(request, options);
        bodies.push(body);
        used.push(request.arena.used);
        response.end(body);
      } catch (error) {
        errors.push(error);
        throw error;
      }
    },
    { limitBytes, onError: () => {} },
  );
  return { bodies, used, errors, handler, ...(await serve(handler)) };
}

/** `bytes` in chunks of `size`, as HTTP/1.1 writes them. */
function chunked(bytes: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

async function serveHttp2(handler: ArenaRequestHandler): Promise<ClientHttp2Session> {
  const server = createHttp2Server(arenaHandler(handler, { onError: () => {} }));
  const client = connectHttp2(`http://127.0.0.1:${await listen(server)}`);
  onTestFinished(() => {
    client.destroy();
  });
  client.on('error', () => {});
  return client;
}

const code = (code: string) => expect.objectContaining({ code }) as unknown;
const bodyOf = (response: Buffer) => response.subarray(response.indexOf('\r\n\r\n') + 4);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

for (const length of [0, 1, 1000, 65_536, 1_000_000]) {
  test(`a body of ${length} bytes with a length is one block, for which the arena was asked once`, async () => {
    const { url, used, bodies } = await echo();
    const bytes = pattern(length, length);
    const response = await fetch(url, { method: 'POST', body: new Uint8Array(bytes) });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect(used).toEqual([length]);
    expect(bodies[0].length).toBe(0); // the response is over
  });

  test(`a body of ${length} bytes in chunks is one block, which grew in place`, async () => {
    const { port, used } = await echo();
    const bytes = pattern(length, length);
    const client = await RawClient.connect(port);
    client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${CHUNKED}${CLOSE}\r\n`);
    client.socket.write(chunked(bytes, 10_007));
    expect(bodyOf(await client.end()).equals(bytes)).toBe(true);
    // Larger ones do not fit the first chunk of an arena, and move.
    expect(used[0]).toBeGreaterThanOrEqual(length);
    if (length <= 1000) expect(used[0]).toBe(length);
  });
}

test('a request without a body has a block of no bytes', async () => {
  const { url, used } = await echo();
  expect(await (await fetch(url)).text()).toBe('');
  expect(used).toEqual([0]);
});

test('a body that comes byte by byte is whole, and what was too much is given back', async () => {
  const { port, used } = await echo();
  const client = await RawClient.connect(port);
  client.socket.setNoDelay(true);
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${CHUNKED}${CLOSE}\r\n`);
  for (const byte of 'one byte after the other') {
    client.socket.write(`1\r\n${byte}\r\n`);
    await turn();
  }
  client.socket.write('0\r\n\r\n');
  expect(bodyOf(await client.end()).toString()).toBe('one byte after the other');
  expect(used).toEqual([24]);
});

test('other blocks of the request may come between the chunks: the body moves, and nothing is lost', async () => {
  const bytes = pattern(100_000, 9);
  const others: boolean[] = [];
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      const blocks: Block[] = [];
      const reading = readBody(request);
      request.on('data', () => blocks.push(request.arena.alloc(100).fill(blocks.length)));
      response.end(await reading);
      others.push(...blocks.map((block, index) => block.every((byte) => byte === index % 256)));
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${CHUNKED}${CLOSE}\r\n`);
  client.socket.write(chunked(bytes, 999));
  const response = await client.end();
  expect(others.length).toBeGreaterThan(1);
  expect(new Set(others)).toEqual(new Set([true]));
  expect(response.includes('Transfer-Encoding') || bodyOf(response).equals(bytes)).toBe(true);
  expect(bodyOf(response).equals(bytes)).toBe(true);
});

test('a Content-Length over the limit is answered with 413 before a byte is read', async () => {
  const { port, errors, used } = await echo({ limit: 10 });
  const client = await RawClient.connect(port);
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n');
  const response = (await client.end()).toString();
  expect(response).toMatch(/^HTTP\/1\.1 413 [^]*\r\nConnection: close\r\n/);
  expect(errors).toEqual([code('ERR_FREEHOLD_BODY_TOO_LARGE')]);
  expect(used).toEqual([]);
});

test('a body in chunks that passes the limit is answered with 413, and nothing after it is a request', async () => {
  const { port, errors } = await echo({ limit: 10 });
  const client = await RawClient.connect(port);
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${CHUNKED}\r\nb\r\nhello world\r\n`);
  const response = (await client.end()).toString();
  expect(response).toMatch(/^HTTP\/1\.1 413 [^]*\r\nConnection: close\r\n/);
  expect(response.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(errors).toEqual([code('ERR_FREEHOLD_BODY_TOO_LARGE')]);
});

test('a body of exactly the limit is taken, and the default limit is 1 MiB', async () => {
  const ten = await echo({ limit: 10 });
  expect(await (await fetch(ten.url, { method: 'POST', body: '0123456789' })).text()).toBe('0123456789');
  const usual = await echo();
  const post = (length: number) => fetch(usual.url, { method: 'POST', body: new Uint8Array(length) });
  expect((await post(1 << 20)).status).toBe(200);
  const { port } = usual;
  const client = await RawClient.connect(port);
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${(1 << 20) + 1}\r\n\r\n`);
  expect((await client.end()).toString()).toMatch(/^HTTP\/1\.1 413 /);
});

test('a handler may catch 413 and answer by itself: the rest is thrown away, the connection goes on', async () => {
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      const body = await readBody(request, { limit: 3 }).catch((error: unknown) => error);
      response.end(body instanceof Error ? 'too much' : (body as Block));
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345');
  await client.until((bytes) => bytes.includes('too much'));
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${CHUNKED}\r\n5\r\n12345\r\n0\r\n\r\n`);
  await client.until((bytes) => bytes.toString().split('too much').length === 3);
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n${CLOSE}\r\nok`);
  expect((await client.end()).toString()).toMatch(/\r\n\r\nok$/);
});

test('the limit of the arena is answered with 503, with a length and without one', async () => {
  const { port, errors, used } = await echo({ limit: 1 << 20 }, 20_000);
  for (const head of ['Content-Length: 30000\r\n', CHUNKED]) {
    const client = await RawClient.connect(port);
    client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${head}${CLOSE}\r\n`);
    client.socket.write(head === CHUNKED ? chunked(pattern(30_000, 1), 1000) : pattern(30_000, 1));
    expect((await client.end()).toString()).toMatch(/^HTTP\/1\.1 503 /);
  }
  expect(errors).toEqual([code('ERR_FREEHOLD_LIMIT'), code('ERR_FREEHOLD_LIMIT')]);
  expect(used).toEqual([]);
});

test('a body that fits the limit of the arena is not refused because its last doubling would not', async () => {
  const { port } = await echo({}, 20_000);
  const bytes = pattern(19_000, 3);
  const client = await RawClient.connect(port);
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${CHUNKED}${CLOSE}\r\n`);
  for (let at = 0; at < bytes.length; at += 3800) {
    client.socket.write(`${(3800).toString(16)}\r\n`);
    client.socket.write(bytes.subarray(at, at + 3800));
    client.socket.write('\r\n');
    await turn();
  }
  client.socket.write('0\r\n\r\n');
  expect(bodyOf(await client.end()).equals(bytes)).toBe(true);
});

for (const head of ['Content-Length: 1000000\r\n', CHUNKED]) {
  test(`a client that leaves in the middle (${head.trim()}): what Node says, nothing unhandled, onError hears nothing`, async () => {
    const heard: unknown[] = [];
    const failed = deferred<unknown>();
    const begun = deferred();
    const { port } = await serve(
      arenaHandler(
        async (request, response) => {
          request.once('data', () => begun.resolve());
          try {
            response.end(await readBody(request));
          } catch (error) {
            failed.resolve(error);
            throw error;
          }
        },
        { onError: (error) => heard.push(error) },
      ),
    );
    const client = await RawClient.connect(port);
    client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${head}\r\n5\r\nhello\r\n`);
    await begun.promise;
    client.socket.destroy();
    expect(await failed.promise).toMatchObject({ code: 'ECONNRESET', message: 'aborted' });
    await turn();
    expect(heard).toEqual([]);
  });
}

test('a client that has left before: the same, whether or not anyone listened', async () => {
  const failed = deferred<unknown>();
  const begun = deferred();
  const { port } = await serve(
    arenaHandler(async (request) => {
      const { arena } = request;
      begun.resolve();
      await new Promise((resolve) => request.once('close', resolve));
      await readBody(request, { arena }).catch(failed.resolve);
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n');
  await begun.promise;
  client.socket.destroy();
  expect(await failed.promise).toMatchObject({ code: 'ECONNRESET' });
});

test('a request that the program itself destroys rejects', async () => {
  const failed = deferred<unknown>();
  const { port } = await serve(
    arenaHandler(async (request) => {
      const reading = readBody(request);
      request.destroy();
      await reading.catch(failed.resolve);
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n');
  expect(await failed.promise).toMatchObject({ code: 'ECONNRESET' });
});

const unreadable: Record<string, [(request: ArenaRequest) => Promise<unknown>, RegExp]> = {
  'was read by readBody': [(request) => readBody(request), /was read before/],
  'was read by events': [
    (request) => new Promise((resolve) => request.resume().once('end', resolve)),
    /was read before/,
  ],
  "has a listener of 'readable'": [
    async (request) => request.on('readable', () => void request.read()),
    /read/,
  ],
  'has an encoding set': [async (request) => request.setEncoding('utf8'), /encoding/],
};

for (const [what, [before, message]] of Object.entries(unreadable)) {
  test(`a body that ${what} is a clear error`, async () => {
    const failed = deferred<unknown>();
    const { url } = await serve(
      arenaHandler(async (request, response) => {
        await before(request);
        await readBody(request).catch(failed.resolve);
        response.end();
      }),
    );
    await fetch(url, { method: 'POST', body: 'body' });
    expect(await failed.promise).toMatchObject({
      code: 'ERR_FREEHOLD_INVALID_ARGUMENT',
      message: expect.stringMatching(message) as string,
    });
  });
}

test('an encoding that is set in the middle is an error, and not text in place of bytes', async () => {
  const failed = deferred<unknown>();
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      const reading = readBody(request);
      request.setEncoding('latin1');
      await reading.catch(failed.resolve);
      response.end();
    }),
  );
  await fetch(url, { method: 'POST', body: 'body' });
  expect(await failed.promise).toMatchObject({ message: expect.stringMatching(/encoding/) as string });
});

for (const [length, how] of [
  [3, 'longer'],
  [9, 'shorter'],
] as const) {
  test(`a Content-Length that lies, as only requests from elsewhere than a parser have it: the body is ${how}`, async () => {
    const failed = deferred<unknown>();
    const block = deferred<Block>();
    const handler = arenaHandler(async (request, response) => {
      const next = readBody(request).catch(failed.resolve);
      block.resolve(request.arena.alloc(16)); // right behind the body
      await next;
      response.end();
    });
    await inject(handler, {
      method: 'POST',
      url: '/',
      headers: { 'content-length': String(length) },
      payload: 'hello',
    });
    expect(await failed.promise).toMatchObject({
      code: 'ERR_FREEHOLD_INVALID_ARGUMENT',
      message: expect.stringContaining(how) as string,
    });
    expect(Buffer.from(await block.promise).equals(Buffer.alloc((await block.promise).length))).toBe(true);
  });
}

test('a response that ends before the body does: ERR_FREEHOLD_DISPOSED, and the connection goes on', async () => {
  const failed = deferred<unknown>();
  const { port } = await serve(
    arenaHandler(async (request, response) => {
      if (request.method === 'GET') return void response.end('next');
      const reading = readBody(request);
      response.end('early');
      await reading.catch(failed.resolve);
    }),
  );
  const client = await RawClient.connect(port);
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345');
  await client.until((bytes) => bytes.includes('early'));
  client.socket.write('67890');
  expect(await failed.promise).toMatchObject({ code: 'ERR_FREEHOLD_DISPOSED' });
  client.get('/');
  await client.until((bytes) => bytes.includes('next'));
});

for (const whenPinned of ['throw', 'orphan'] as const) {
  test(`a body that is being read is safe from a reset of its arena: ${whenPinned}`, async () => {
    const seen = deferred<unknown[]>();
    const { url } = await serve(
      arenaHandler(
        async (request, response) => {
          const { arena } = request;
          const reading = readBody(request);
          const outcomes: unknown[] = [];
          try {
            arena.reset();
            outcomes.push('reset');
          } catch (error) {
            outcomes.push(error);
          }
          const other = arena.alloc(4).fill('x');
          outcomes.push((await reading).toString(), other.toString(), arena.stats().pins);
          seen.resolve(outcomes);
          response.end();
        },
        { whenPinned },
      ),
    );
    await fetch(url, { method: 'POST', body: 'body' });
    const outcome = whenPinned === 'throw' ? code('ERR_FREEHOLD_PINNED') : 'reset';
    expect(await seen.promise).toEqual([outcome, 'body', 'xxxx', 0]);
  });
}

test('others may listen at the same time, or read the body too', async () => {
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      let counted = 0;
      request.on('data', (chunk: Buffer) => (counted += chunk.length));
      const bodies = await Promise.all([readBody(request), readBody(request)]);
      response.end(`${bodies.join(' ')} ${counted}`);
    }),
  );
  expect(await (await fetch(url, { method: 'POST', body: 'body' })).text()).toBe('body body 4');
});

test('a request that was paused is read, and one that is paused meanwhile goes on when it is resumed', async () => {
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      request.pause();
      await turn();
      const reading = readBody(request, { limit: 1 << 24 });
      request.on('data', () => {
        request.pause();
        setImmediate(() => request.resume());
      });
      response.end(await reading);
    }),
  );
  const bytes = pattern(3_000_000, 11);
  const response = await fetch(url, { method: 'POST', body: new Uint8Array(bytes) });
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
});

test('requests on one connection, pipelined, have their own bodies', async () => {
  const { port } = await echo();
  const client = await RawClient.connect(port);
  client.socket.write(
    ['one', 'three', 'seven']
      .map((text) => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
      .join(''),
  );
  const all = await client.until((bytes) => bytes.toString().endsWith('seven'));
  expect(all.toString().match(/one|three|seven/g)).toEqual(['one', 'three', 'seven']);
});

test('readBody takes another arena, of which it tells in types', async () => {
  using session = new Arena();
  const { url, bodies } = await echo({ arena: session });
  await fetch(url, { method: 'POST', body: 'kept' });
  expect(bodies[0].toString()).toBe('kept');
  expect(session.owns(bodies[0])).toBe(true);
});

test('without an arena, or with options that make no sense, the error says so', async () => {
  const errors: unknown[] = [];
  const { url } = await serve((request, response) => {
    const wrong = [undefined, { limit: -1 }, { limits: 1 }] as ReadBodyOptions[];
    void Promise.allSettled(wrong.map((options) => readBody(request, options))).then((results) => {
      errors.push(...results.map((result) => result.status === 'rejected' && (result.reason as unknown)));
      response.end();
    });
  });
  await fetch(url);
  expect(errors).toEqual([
    expect.objectContaining({ message: expect.stringMatching(/has no arena/) as string }),
    code('ERR_FREEHOLD_INVALID_SIZE'),
    expect.objectContaining({ message: expect.stringMatching(/did you mean 'limit'/) as string }),
  ]);
});

test('readText is the body without a byte order mark, and its bytes are given back', async () => {
  const used: number[] = [];
  const { url } = await serve(
    arenaHandler(async (request, response) => {
      const text = await readText(request);
      used.push(request.arena.used);
      response.end(text);
    }),
  );
  const send = async (body: Uint8Array<ArrayBuffer> | string) =>
    (await fetch(url, { method: 'POST', body })).text();
  expect(await send('grüße 👋')).toBe('grüße 👋');
  expect(await send('\ufeffmarked')).toBe('marked');
  expect(await send(new Uint8Array([0x61, 0xff]))).toBe('a\ufffd');
  expect(await send('')).toBe('');
  expect(used).toEqual([0, 0, 0, 0]);
});

test('readJson is the value; what is no JSON is answered with 400, and onError hears nothing', async () => {
  const heard: unknown[] = [];
  const { url } = await serve(
    arenaHandler(
      async (request, response) => {
        response.end(JSON.stringify(await readJson(request)));
      },
      { onError: (error) => heard.push(error) },
    ),
  );
  const send = (body: string) => fetch(url, { method: 'POST', body });
  expect(await (await send('{"a":[1,"ü"]}')).json()).toEqual({ a: [1, 'ü'] });
  for (const body of ['', '{', 'undefined']) expect((await send(body)).status).toBe(400);
  expect(heard).toEqual([]);
});

test('a SyntaxError of any other origin is answered with 500', async () => {
  const { url } = await serve(arenaHandler(() => JSON.parse('{') as unknown, { onError: () => {} }));
  expect((await fetch(url)).status).toBe(500);
});

test('https: a body is read', async () => {
  const key = Buffer.alloc(32, 7);
  const tls = { ciphers: 'PSK-AES256-GCM-SHA384', maxVersion: 'TLSv1.2' as const };
  const bytes = pattern(300_000, 5);
  const seen = deferred<boolean>();
  const server = createHttpsServer(
    { ...tls, pskCallback: () => key },
    arenaHandler(async (request, response) => {
      seen.resolve((await readBody(request)).equals(bytes));
      response.end();
    }),
  );
  const port = await listen(server);
  const identity = {
    pskCallback: () => ({ psk: key, identity: 'test' }),
    checkServerIdentity: () => undefined,
  };
  const options = { ...tls, ...identity, port, method: 'POST', agent: false };
  sendHttps(options).end(bytes);
  expect(await seen.promise).toBe(true);
});

/** A frame of HTTP/2. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

// By hand: Node's client ends a body properly before it cancels the stream.
const reset = (code: number) => frame(3, 0, 1, Buffer.from([0, 0, 0, code]));
for (const [how, end] of [
  ['cancels the stream', reset(constants.NGHTTP2_CANCEL)],
  ['closes the stream without an error', reset(constants.NGHTTP2_NO_ERROR)],
  ['breaks the connection', null],
] as const) {
  test(`http2: a client that ${how} in the middle rejects, although Node ends the body as if it was complete`, async () => {
    const failed = deferred<unknown>();
    const begun = deferred();
    const server = createHttp2Server(
      arenaHandler(async (request) => {
        request.once('data', () => begun.resolve());
        await readBody(request).then(() => failed.resolve('complete'), failed.resolve);
      }),
    );
    const { socket } = await RawClient.connect(await listen(server));
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    socket.write(frame(4, 0, 0, Buffer.alloc(0)));
    // POST, http, / and an authority, in HPACK
    socket.write(frame(1, 4, 1, Buffer.from('\x83\x86\x84\x41\x04test', 'latin1')));
    socket.write(frame(0, 0, 1, Buffer.from('half')));
    await begun.promise;
    if (end === null) socket.destroy();
    else socket.write(end);
    expect(await failed.promise).toMatchObject({ code: 'ECONNRESET' });
    socket.destroy();
  });
}

test('http2: bodies with a length and without one are read, and 413 answers what is too large', async () => {
  const client = await serveHttp2(async (request, response) => {
    response.end(await readBody(request, { limit: 100_000 }));
  });
  const bytes = pattern(90_000, 6);
  for (const headers of [{}, { 'content-length': '90000' }]) {
    const stream = client.request({ ':method': 'POST', ...headers });
    stream.end(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  }
  const large = client.request({ ':method': 'POST', 'content-length': '100001' });
  large.on('error', () => {});
  const [headers] = (await once(large, 'response')) as [Record<string, unknown>];
  expect(headers[':status']).toBe(413);
});

test('a client of node:net reads into a block without any copy', async () => {
  const arena = new Arena();
  const block = arena.allocUnsafe(1000);
  const bytes = pattern(100_000, 8);
  const server = createNetServer((peer) => peer.end(bytes));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const parts: Buffer[] = [];
  const pin = block.pin();
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    onread: {
      buffer: block,
      callback: (length, buffer) => {
        expect(buffer).toBe(block);
        parts.push(Buffer.from(block.subarray(0, length)));
        return true;
      },
    },
  });
  await once(socket, 'close');
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  expect(parts.length).toBeGreaterThanOrEqual(100);
  pin.release();
  arena.dispose();
});
