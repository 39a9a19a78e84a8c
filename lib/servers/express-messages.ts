// Requests and responses that are what an Express app makes of them, from the beginning.
import { IncomingMessage, ServerResponse } from 'node:http';

import { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';

/** An app of Express 4 or 5, as far as {@link messageClasses} needs it: what its requests and responses inherit from. */
export interface ExpressApp {
  readonly request: object;
  readonly response: object;
}

/** Options for `createServer` of `node:http` and `node:https`. */
export interface MessageClasses {
  readonly IncomingMessage?: typeof IncomingMessage;
  readonly ServerResponse?: typeof ServerResponse;
}

/** The last version of V8 that makes hidden classes anew for each object whose prototype was set: that of Node 22. */
const LAST_SLOW_V8 = 12;

/**
 * Options for `createServer` of `node:http` and `node:https` by which the requests and responses of an Express app are born as what
 * Express makes of them: with the prototypes `app.request` and `app.response`. They are the same in all else.
 *
 * Express sets those prototypes for each request. V8 up to version 12 (Node 20 and 22) makes hidden classes then for each property that
 * is added later, for each request anew, and keeps them until a full collection: some 11 KiB a request, which take more time than
 * all else that Express does. Later versions do not, and other engines neither: there, the options are empty.
 *
 * Throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no Express app.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { createServer } from 'node:http';
 * import express from 'express';
 * import { arenas, messageClasses } from 'freehold/express';
 *
 * const app = express();
 * app.use(arenas());
 * app.get('/', (req, res) => {
 *   res.end(req.arena.string('hello'));
 * });
 * const server = createServer(messageClasses(app), app); // in the place of app.listen()
 * await once(server.listen(0), 'listening');
 * const { port } = server.address() as import('node:net').AddressInfo;
 * console.log(await (await fetch(`http://localhost:${port}/`)).text()); // hello
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export function messageClasses(app: ExpressApp): MessageClasses {
  const request = prototypeIn(app, 'request', IncomingMessage);
  const response = prototypeIn(app, 'response', ServerResponse);
  if (!isSlowToSetPrototypes()) return {};
  return {
    IncomingMessage: withPrototype(IncomingMessage, request),
    ServerResponse: withPrototype(ServerResponse, response),
  };
}

type AnyClass = abstract new (...args: never[]) => object;

/** What a class is, but that its objects inherit from `prototype`, which inherits from that of the class. */
function withPrototype<C extends AnyClass>(base: C, prototype: object): C {
  // A function, as Node's classes of messages are: a class has a prototype of its own, which none can replace.
  function Message(this: object, ...args: unknown[]): void {
    Reflect.apply(base as unknown as (...args: unknown[]) => void, this, args);
  }
  Message.prototype = prototype;
  return Object.setPrototypeOf(Message, base) as C;
}

function prototypeIn(app: unknown, key: keyof ExpressApp, base: AnyClass): object {
  const prototype: unknown = (app as Partial<ExpressApp> | null | undefined)?.[key];
  if (prototype instanceof base) return prototype;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `app must be an app of Express, whose property ${key} inherits from ${base.name} of node:http, but is ${describe(app)}`,
  );
}

function isSlowToSetPrototypes(): boolean {
  const { v8, bun } = process.versions;
  return bun === undefined && Number.parseInt(v8, 10) <= LAST_SLOW_V8;
}
