// The option serverTiming: a response says in its head what its request took from its arena, and how long it was on its way.
import type { ServerResponse } from 'node:http';

import prettyBytes from 'pretty-bytes';

/** What Node takes as the value of a header. */
type HeaderValue = number | string | readonly string[] | undefined;

const NAME = 'Server-Timing';

/** Adds an entry to the Server-Timing header of a response when its head is written, to what is there already. */
export function showTiming(request: { readonly used: number }, response: ServerResponse): void {
  const begin = performance.now();
  // Every way to send a head comes through here: in HTTP/1 and in HTTP/2.
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its receiver
  const { writeHead } = response;
  const writeHeadTimed = function (this: ServerResponse, ...args: unknown[]) {
    if (!this.headersSent) {
      const took = (performance.now() - begin).toFixed(1);
      const entry = `freehold;dur=${took};desc="${prettyBytes(request.used, { binary: true })}"`;
      const earlier = this.getHeader(NAME);
      const at = args[2] === undefined || args[2] === null ? 1 : 2;
      const headers = args[at];
      // To headers that are passed here, and not set: with both of them, Node keeps one of each name of a raw list.
      if (typeof headers === 'object' && headers !== null) args[at] = withEntry(headers, entry, earlier);
      else this.setHeader(NAME, joined(earlier, entry));
    }
    return Reflect.apply(writeHead, this, args) as ServerResponse;
  };
  // Named first: see CONTRIBUTING.md on closures that are assigned to properties.
  response.writeHead = writeHeadTimed;
}

/** A copy of headers in any of the forms that `writeHead` takes. `earlier` is what holds where they do not say anything. */
function withEntry(headers: object, entry: string, earlier: HeaderValue): object {
  if (!Array.isArray(headers)) {
    const known = Object.entries(headers as Record<string, HeaderValue>).find(([name]) => isName(name));
    const [name, value] = known ?? [NAME, earlier];
    return { ...headers, [name]: joined(value, entry) };
  }
  const list = [...(headers as unknown[])];
  if (Array.isArray(list[0])) {
    const pairs = list as [string, HeaderValue][];
    const at = pairs.findIndex(([name]) => isName(name));
    if (at < 0) pairs.push([NAME, joined(earlier, entry)]);
    else pairs[at] = [NAME, joined(pairs[at][1], entry)];
    return pairs;
  }
  const at = list.findIndex((name, index) => index % 2 === 0 && isName(name));
  if (at < 0) list.push(NAME, joined(earlier, entry));
  else list[at + 1] = joined(list[at + 1] as HeaderValue, entry);
  return list;
}

function isName(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'server-timing';
}

function joined(earlier: HeaderValue, entry: string): string {
  return earlier === undefined ? entry : [earlier, entry].join(', ');
}
