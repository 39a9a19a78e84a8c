import { IncomingMessage, ServerResponse, createServer } from 'node:http';
import express from 'express';
import { messageClasses } from 'freehold/express';
import { describe, expect, test } from 'vitest';
import { listen } from './lib/serve.ts';

const isOldV8 = process.versions.bun === undefined && Number.parseInt(process.versions.v8, 10) <= 12;

describe.runIf(isOldV8)('messageClasses()', () => {
  test('makes requests and responses what Express would make of them: it changes no prototype', async () => {
    const app = express();
    const changed: unknown[] = [];
    app.get('/', (req, res) => {
      res.json([
        Object.getPrototypeOf(req) === app.request,
        Object.getPrototypeOf(res) === app.response,
        req instanceof IncomingMessage,
        res instanceof ServerResponse,
        req.app === app,
        req.query,
        changed.length,
      ]);
    });
    const server = createServer(messageClasses(app), (req, res) => {
      const before = [Object.getPrototypeOf(req), Object.getPrototypeOf(res)];
      res.once('finish', () => {
        if (before[0] !== Object.getPrototypeOf(req) || before[1] !== Object.getPrototypeOf(res))
          changed.push(1);
      });
      app(req, res);
    });
    const port = await listen(server);
    const url = `http://127.0.0.1:${port}/?a=b`;
    const wanted = [true, true, true, true, true, { a: 'b' }, 0];
    expect(await (await fetch(url)).json()).toEqual(wanted);
    expect(await (await fetch(url)).json()).toEqual(wanted);
  });

  test('their static properties are those of the classes of Node', () => {
    const { IncomingMessage: Request, ServerResponse: Response } = messageClasses(express());
    expect([Object.getPrototypeOf(Request), Object.getPrototypeOf(Response)]).toEqual([
      IncomingMessage,
      ServerResponse,
    ]);
  });
});

test.runIf(!isOldV8)('messageClasses() are none where nothing is gained by them', () => {
  expect(messageClasses(express())).toEqual({});
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a number', 1],
  ['an object', {}],
  ['messages that are none', { request: {}, response: {} }],
  ['a request that is a response', { request: ServerResponse.prototype, response: ServerResponse.prototype }],
  ['a response that is null', { request: IncomingMessage.prototype, response: null }],
])('messageClasses() of %s throws ERR_FREEHOLD_INVALID_ARGUMENT', (_what, app) => {
  expect(() => messageClasses(app as never)).toThrow(
    expect.objectContaining({
      code: 'ERR_FREEHOLD_INVALID_ARGUMENT',
      message: expect.stringContaining('app must be'),
    }),
  );
});
