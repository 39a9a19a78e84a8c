// The option serverTiming over real sockets, for every way to write a head.
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { ServerResponse } from 'node:http';
import { type ArenaRequest, arenaHandler } from 'freehold/http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listen, serve } from './lib/serve.ts';

type Handler = (request: ArenaRequest, response: ServerResponse) => unknown;
/** What a client has read: status, the Server-Timing header, cookies and the body. */
type Answer = [status: number, timing: string | undefined, cookies: string[], body: string];

const ENTRY = 'freehold;dur=0.0;desc="1 KiB"';
const options = { serverTiming: true };

/** Durations differ from run to run. */
function timed(header: string | null | undefined): string | undefined {
  return header?.replaceAll(/dur=\d+\.\d/g, 'dur=0.0');
}

async function overHttp1(handler: Handler): Promise<Answer> {
  const { url } = await serve(arenaHandler(handler, options));
  const { status, headers, text } = await fetch(url).then(async (answer) => ({
    status: answer.status,
    headers: answer.headers,
    text: await answer.text(),
  }));
  return [status, timed(headers.get('server-timing')), headers.getSetCookie(), text];
}

async function overHttp2(handler: Handler): Promise<Answer> {
  const port = await listen(createHttp2Server(arenaHandler(handler, options)));
  const client = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => {
    client.destroy();
  });
  const stream = client.request({ ':path': '/' });
  const head = new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  const headers = await head;
  const cookies = (headers['set-cookie'] as string[] | undefined) ?? [];
  return [Number(headers[':status']), timed(headers['server-timing'] as string | undefined), cookies, text];
}

/** Takes one KiB, and has it be known. */
function take(request: ArenaRequest): void {
  request.arena.allocUnsafe(1024);
}

describe.each([
  ['HTTP/1', overHttp1],
  ['HTTP/2', overHttp2],
])('over %s', (_name, ask) => {
  test.each<[string, Handler]>([
    ['end(body)', (_request, response) => response.end('body')],
    ['write(body)', (_request, response) => (response.write('bo'), response.end('dy'))],
    ['flushHeaders()', (_request, response) => (response.flushHeaders(), response.end('body'))],
    ['writeHead(status)', (_request, response) => response.writeHead(200).end('body')],
    ['writeHead(status, {})', (_request, response) => response.writeHead(200, {}).end('body')],
    ['writeHead(status, [])', (_request, response) => response.writeHead(200, []).end('body')],
    [
      'writeHead(status, undefined, headers)',
      (_request, response) => response.writeHead(200, undefined, { 'X-A': 'b' }).end('body'),
    ],
  ])('a response by %s says what its request took', async (_way, handler) => {
    const answer = await ask((request, response) => {
      take(request);
      return handler(request, response);
    });
    expect(answer).toEqual([200, ENTRY, [], 'body']);
  });

  test('a response without a body says it too', async () => {
    expect(await ask((_request, response) => response.writeHead(204).end())).toEqual([
      204,
      'freehold;dur=0.0;desc="0 B"',
      [],
      '',
    ]);
  });

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['setHeader()', (response) => response.setHeader('Server-Timing', 'db;dur=0.0')],
    [
      'setHeader() and headers as an object',
      (response) => {
        response.setHeader('Server-Timing', 'db;dur=0.0');
        response.writeHead(200, { 'Content-Type': 'text/plain' });
      },
    ],
    [
      'setHeader() and headers as a raw array',
      (response) => {
        response.setHeader('Server-Timing', 'db;dur=0.0');
        response.writeHead(200, ['Content-Type', 'text/plain']);
      },
    ],
    ['headers as an object', (response) => response.writeHead(200, { 'server-timing': 'db;dur=0.0' })],
    [
      'headers as a raw array',
      (response) => response.writeHead(200, ['A', 'Server-Timing', 'SERVER-TIMING', 'db;dur=0.0']),
    ],
    [
      'headers as a raw array of pairs',
      (response) =>
        response.writeHead(200, [
          ['A', 'b'],
          ['Server-Timing', 'db;dur=0.0'],
        ] as never),
    ],
  ])('an entry of the program by %s stays', async (_way, head) => {
    const [status, timing, , body] = await ask((request, response) => {
      take(request);
      head(response);
      response.end('body');
    });
    expect([status, timing, body]).toEqual([200, `db;dur=0.0, ${ENTRY}`, 'body']);
  });

  test.each<[string, unknown[]]>([
    ['a raw array', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']],
    [
      'a raw array of pairs',
      [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
    ],
  ])('%s may have a name twice, and is not changed', async (_way, headers) => {
    const before = structuredClone(headers);
    const [, timing, cookies] = await ask((request, response) => {
      take(request);
      response.writeHead(200, headers as never).end();
    });
    expect([timing, cookies, headers]).toEqual([ENTRY, ['a=1', 'b=2'], before]);
  });
});

test('a reason and headers are passed on', async () => {
  const { url } = await serve(
    arenaHandler((_request, response) => {
      response.writeHead(202, 'So be it', { 'X-A': 'b' }).end();
    }, options),
  );
  const answer = await fetch(url);
  expect([answer.status, answer.statusText, answer.headers.get('x-a')]).toEqual([202, 'So be it', 'b']);
  expect(timed(answer.headers.get('server-timing'))).toBe('freehold;dur=0.0;desc="0 B"');
});

test('without the option a response says nothing', async () => {
  const { url } = await serve(
    arenaHandler((request, response) => {
      take(request);
      response.end();
    }),
  );
  expect((await fetch(url)).headers.get('server-timing')).toBeNull();
});
