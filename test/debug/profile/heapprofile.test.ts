import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { encodeHeapProfile } from '../../../dist/debug/profile/heapprofile.js';
import type { SiteProfile } from '../../../dist/debug/profile/site-profile.js';
import { Protocol } from './lib/protocol.ts';
import { type HeapProfile, type HeapProfileFile, readHeapProfile } from './lib/read-heapprofile.ts';
import { anySite, site } from './lib/sites.ts';

const ROOT = '(root) :-1:-1';
const roundTrip = (...sites: SiteProfile[]): HeapProfileFile => readHeapProfile(encodeHeapProfile(sites));

describe('a .heapprofile', () => {
  test('has live bytes in a tree of calls, the outermost first, with lines and columns from 0 on', () => {
    const { nodes, profile } = roundTrip(
      site(['read x:/net.js:12:30', 'main x:/main.js:3:1']),
      site(['main x:/main.js:3:1'], { liveBytes: 50 }),
      site(['write x:/net.js:20:2', 'main x:/main.js:3:1'], { liveBytes: 7 }),
    );
    expect(nodes).toEqual([
      { id: 1, stack: [ROOT], selfSize: 0 },
      { id: 2, stack: ['main x:/main.js:2:0', ROOT], selfSize: 50 },
      { id: 3, stack: ['read x:/net.js:11:29', 'main x:/main.js:2:0', ROOT], selfSize: 300 },
      { id: 4, stack: ['write x:/net.js:19:1', 'main x:/main.js:2:0', ROOT], selfSize: 7 },
    ]);
    expect(profile.samples).toEqual([
      { size: 300, nodeId: 3, ordinal: 1 },
      { size: 50, nodeId: 2, ordinal: 2 },
      { size: 7, nodeId: 4, ordinal: 3 },
    ]);
  });

  test('has all bytes that ever were allocated when asked for the total', () => {
    const sites = [site(['f x:1:1']), site(['g x:2:2'], { liveBytes: 0, totalBytes: 9 })];
    const sizes = (count?: 'live' | 'total'): number[] =>
      readHeapProfile(encodeHeapProfile(sites, count && { count })).nodes.map(({ selfSize }) => selfSize);
    expect(sizes('total')).toEqual([0, 700, 9]);
    expect(sizes('live')).toEqual([0, 300]);
    expect(sizes()).toEqual([0, 300]);
  });

  test('adds up sites that differ in their kind alone', () => {
    const { nodes, profile } = roundTrip(
      site(['f x:1:1']),
      site(['f x:1:1'], { kind: 'pool', liveBytes: 5 }),
    );
    expect(nodes.map(({ selfSize }) => selfSize)).toEqual([0, 305]);
    expect(profile.samples.map(({ size, nodeId }) => [size, nodeId])).toEqual([
      [300, 2],
      [5, 2],
    ]);
  });

  test('keeps calls apart that differ in the function, the file, the line or the column', () => {
    const places = ['f x:1:1', 'g x:1:1', 'f y:1:1', 'f x:2:1', 'f x:1:2'];
    const { nodes } = roundTrip(...places.map((place) => site([place])));
    expect(nodes).toHaveLength(1 + places.length);
  });

  test('has a script for each file, by which DevTools tells places apart, and 0 for none', () => {
    const { profile } = roundTrip(
      ...['f x:1:1', 'g y:1:1', 'h x:2:2', 'i :0:0'].map((place) => site([place])),
    );
    expect(profile.head.children.map(({ callFrame }) => callFrame.scriptId)).toEqual(['1', '2', '1', '0']);
  });

  test('of no sites is an empty root', () => {
    expect(roundTrip()).toMatchObject({ nodes: [{ stack: [ROOT], selfSize: 0 }], profile: { samples: [] } });
  });

  test('keeps functions without a name, which DevTools calls (anonymous), and says (unknown) where nothing is known', () => {
    const names = (...frames: string[]): string => roundTrip(site(frames)).nodes[1].stack[0];
    expect(names('- x:/net.js:12:30')).toBe(' x:/net.js:11:29');
    expect(names('- node:internal/main:0:0')).toBe(' node:internal/main:-1:-1');
    expect(names('- :0:0')).toBe('(unknown) :-1:-1');
    expect(names()).toBe('(unknown) :-1:-1');
  });

  test('has files as URLs, also where the stack had a path', () => {
    const path = join(process.cwd(), 'naïve file.js');
    const { nodes } = roundTrip(site([`f ${path}:1:1`]), site(['g node:fs:1:1']));
    expect(nodes.map(({ stack }) => stack[0]).slice(1)).toEqual([
      `f ${pathToFileURL(path).href}:0:0`,
      'g node:fs:0:0',
    ]);
  });

  test('keeps names in any script, quotes and line breaks', () => {
    const names = ['größe', '読む', '🧵', '"\\\n', 'get [Symbol.iterator]', '\ud800'];
    const { nodes } = roundTrip(site(names.map((name) => `${name} x:1:1`)));
    expect(nodes.at(-1)!.stack).toEqual([...names.map((name) => `${name} x:0:0`), ROOT]);
  });

  test('counts beyond 2^32, up to 2^53-1', () => {
    const { nodes } = roundTrip(site(['f x:1:1'], { liveBytes: Number.MAX_SAFE_INTEGER }));
    expect(nodes[1].selfSize).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('holds 10,000 sites', () => {
    const sites = Array.from({ length: 10_000 }, (_, index) =>
      site([`f${index} x:${index + 1}:1`, 'main x:1:1'], { liveBytes: index + 1 }),
    );
    const { nodes } = roundTrip(...sites);
    expect(nodes.slice(2).map(({ selfSize }) => selfSize)).toEqual(sites.map(({ liveBytes }) => liveBytes));
  });

  test('holds a recursion that is deeper than JSON.stringify of node 20 goes', () => {
    const text = encodeHeapProfile([site(new Array<string>(20_000).fill('visit x:7:3'))]);
    let node = (JSON.parse(text) as HeapProfile).head;
    let depth = 0;
    for (; node.children.length > 0; node = node.children[0]) depth++;
    expect([depth, node.selfSize]).toEqual([20_000, 300]);
  });

  test('of any sites has the bytes of every stack', () => {
    fc.assert(
      fc.property(fc.array(anySite), (sites) => {
        const small = sites.map((each) => ({ ...each, liveBytes: each.liveBytes % 2 ** 40 }));
        const expected = new Map<string, number>();
        for (const { frames, liveBytes } of small) {
          const places = frames.map(
            ({ functionName, url, line, column }) => `${functionName} ${url}:${line - 1}:${column - 1}`,
          );
          const stack = JSON.stringify([...places, ROOT]);
          if (liveBytes > 0) expected.set(stack, (expected.get(stack) ?? 0) + liveBytes);
        }
        const { nodes, profile } = roundTrip(...small);
        const found = nodes.filter(({ selfSize }) => selfSize > 0);
        expect(new Map(found.map(({ stack, selfSize }) => [JSON.stringify(stack), selfSize]))).toEqual(
          expected,
        );
        const sampled = new Map<number, number>();
        for (const { nodeId, size } of profile.samples)
          sampled.set(nodeId, (sampled.get(nodeId) ?? 0) + size);
        expect(sampled).toEqual(new Map(found.map(({ id, selfSize }) => [id, selfSize])));
      }),
    );
  });
});

describe('by the DevTools protocol, as this node serves it, a .heapprofile', () => {
  let protocol: Protocol;
  beforeAll(async () => {
    protocol = await Protocol.ofThisNode();
  });

  const faultsOf = (profile: unknown): string[] =>
    protocol.faultsOf(profile, 'HeapProfiler.SamplingHeapProfile');

  test('is a SamplingHeapProfile, nothing missing and nothing besides', () => {
    const { profile } = roundTrip(
      site(['read /app/net.js:12:30', '- node:internal/main:0:0', 'main x:3:1']),
      site(['main x:3:1'], { liveBytes: 2 ** 40 }),
      site([]),
    );
    expect(faultsOf(profile)).toEqual([]);
    expect(faultsOf(roundTrip().profile)).toEqual([]);
  });

  test('is what V8 makes itself, down to the root', async () => {
    const session = new Session();
    session.connect();
    await session.post('HeapProfiler.startSampling');
    const { profile } = await session.post('HeapProfiler.stopSampling');
    session.disconnect();
    expect(faultsOf(profile)).toEqual([]);
    expect(roundTrip().profile.head.callFrame).toEqual(profile.head.callFrame);
  });

  test('would be found out', () => {
    const { profile } = roundTrip(site(['f x:1:1']));
    const { callFrame, ...head } = profile.head;
    expect(faultsOf({ head, samples: [{ size: '1', nodeId: 1.5, ordinal: 1, more: 1 }] })).toEqual([
      '.head.callFrame is missing',
      '.samples[0].size is no number',
      '.samples[0].nodeId is no integer',
      '.samples[0].more is not in the protocol',
    ]);
    expect(faultsOf({ ...profile, head: { ...head, callFrame, children: {} } })).toEqual([
      '.head.children is no array',
    ]);
  });
});
