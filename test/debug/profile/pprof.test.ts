import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

import fc from 'fast-check';
import { Profile } from 'pprof-format';
import { describe, expect, test } from 'vitest';

import { encodePprof } from '../../../dist/debug/profile/pprof.js';
import type { SiteProfile } from '../../../dist/debug/profile/site-profile.js';
import { runChild } from '../../lib/child.ts';
import { type PprofFile, readPprof } from './lib/read-pprof.ts';
import { anySite, site } from './lib/sites.ts';

const options = { timeNanos: 1_700_000_000_123_456_789n, periodBytes: 1 };
const roundTrip = (...sites: SiteProfile[]): PprofFile => readPprof(encodePprof(sites, options));
const framesOf = (...frames: string[]): string[] => roundTrip(site(frames)).samples[0].frames;

describe('a pprof profile', () => {
  test('has live and total blocks and bytes of each site, with its calls from the innermost outwards', () => {
    const { samples, ...file } = roundTrip(
      site(['read /app/net.js:12:30', 'main /app/main.js:3:1']),
      site(['main /app/main.js:3:1'], {
        kind: 'pool',
        liveBlocks: 0,
        liveBytes: 0,
        totalBlocks: 1,
        totalBytes: 64,
      }),
    );
    expect(samples).toEqual([
      {
        values: [7n, 700n, 3n, 300n],
        frames: ['read /app/net.js:12:30', 'main /app/main.js:3:1'],
        labels: { kind: 'arena' },
      },
      { values: [1n, 64n, 0n, 0n], frames: ['main /app/main.js:3:1'], labels: { kind: 'pool' } },
    ]);
    expect(file).toMatchObject({
      sampleTypes: ['alloc_objects/count', 'alloc_space/bytes', 'inuse_objects/count', 'inuse_space/bytes'],
      defaultSampleType: 'inuse_space',
      timeNanos: options.timeNanos,
      periodType: 'space/bytes',
      period: 1n,
      mappings: [{ id: 1n, flags: [1n, 1n, 1n] }],
    });
  });

  test('says how many bytes stand for one record', () => {
    expect(readPprof(encodePprof([], { ...options, periodBytes: 524_288 })).period).toBe(524_288n);
  });

  test('of no sites is a profile without samples', () => {
    expect(roundTrip()).toMatchObject({ samples: [], functions: [], locations: [], period: 1n });
  });

  test('has each function and each place of a call once, and every string', () => {
    const { functions, locations, strings } = roundTrip(
      site(['f /a.js:1:1', 'g /a.js:2:2']),
      site(['f /a.js:1:5', 'g /a.js:2:2']),
      site(['f /b.js:1:1', 'g /a.js:3:2']),
    );
    expect(functions).toEqual(['f||/a.js', 'g||/a.js', 'f||/b.js']);
    expect(locations).toEqual(['f /a.js:1:1', 'g /a.js:2:2', 'f /a.js:1:5', 'f /b.js:1:1', 'g /a.js:3:2']);
    expect(strings).toEqual([...new Set(strings)]);
    const path = join(tmpdir(), 'c.js');
    expect(roundTrip(site([`f ${path}:1:1`]), site([`f ${pathToFileURL(path).href}:1:1`])).locations).toEqual(
      [`f ${path}:1:1`],
    );
  });

  test('keeps a recursion as deep as it was', () => {
    const frames = ['visit /a.js:7:3', 'visit /a.js:7:3', 'visit /a.js:7:3', 'main /a.js:1:1'];
    expect(framesOf(...frames)).toEqual(frames);
    const deep = new Array<string>(20_000).fill('visit /a.js:7:3');
    expect(framesOf(...deep)).toHaveLength(20_000);
  });

  test('calls a function without a name after its place, so that two of them are not added up', () => {
    expect(framesOf('- /app/net.js:12:30', '- node:internal/main:0:0')).toEqual([
      '(anonymous net.js:12:30) /app/net.js:12:30',
      '(anonymous main) node:internal/main:0:0',
    ]);
  });

  test('says (unknown) where neither function nor file is known', () => {
    expect(framesOf('- :0:0')).toEqual(['(unknown) :0:0']);
    expect(framesOf()).toEqual(['(unknown) :0:0']);
  });

  test('has no label for a kind without a name, which would be read as the number 0', () => {
    expect(roundTrip(site(['f /a.js:1:1'], { kind: '' })).samples[0].labels).toEqual({});
  });

  test('has files by their paths, for pprof -list, and other URLs as they are', () => {
    const path = join(tmpdir(), 'naïve file.js');
    expect(
      framesOf(
        `a ${pathToFileURL(path).href}:1:1`,
        'b node:fs:2:2',
        'c file://elsewhere/%00/x.js:3:3',
        'd https://x.example/y.js?z:4:4',
        'e :0:0',
      ),
    ).toEqual([
      `a ${path}:1:1`,
      'b node:fs:2:2',
      'c file://elsewhere/%00/x.js:3:3',
      'd https://x.example/y.js?z:4:4',
      'e :0:0',
    ]);
  });

  test('keeps names in any script, and what looks like C++', () => {
    const names = [
      'größe',
      '読む',
      '🧵',
      'Object.<anonymous>',
      'get [Symbol.iterator]',
      'a::b(c)',
      'new Foo',
    ];
    expect(framesOf(...names.map((name) => `${name} /ä/文.js:1:1`))).toEqual(
      names.map((name) => `${name} /ä/文.js:1:1`),
    );
    expect(framesOf('\ud800lone /a.js:1:1')).toEqual(['\ufffdlone /a.js:1:1']);
  });

  test('counts beyond 2^32, up to 2^53-1', () => {
    const [liveBytes, totalBytes, liveBlocks] = [2 ** 32 + 1, Number.MAX_SAFE_INTEGER, 2 ** 40];
    const { values } = roundTrip(site([], { liveBytes, totalBytes, liveBlocks })).samples[0];
    expect(values).toEqual([7n, BigInt(totalBytes), BigInt(liveBlocks), BigInt(liveBytes)]);
  });

  test('holds 10,000 sites', () => {
    const sites = Array.from({ length: 10_000 }, (_, index) =>
      site([`f${index % 100} /a.js:${index + 1}:1`, 'main /a.js:1:1'], { liveBytes: index }),
    );
    const { samples, functions } = roundTrip(...sites);
    expect(samples.map(({ values }) => values[3])).toEqual(sites.map(({ liveBytes }) => BigInt(liveBytes)));
    expect(samples.map(({ frames }) => frames[0])).toEqual(
      sites.map((_, index) => `f${index % 100} /a.js:${index + 1}:1`),
    );
    expect(functions).toHaveLength(101);
  });

  test('is the same to the decoder of pprof-format', () => {
    const sites = [
      site(['read /app/net.js:12:30', 'main /app/main.js:3:1']),
      site([], { liveBytes: 2 ** 52 }),
    ];
    const profile = Profile.decode(gunzipSync(encodePprof(sites, options)));
    const { strings } = profile.stringTable;
    expect(profile.sample.map(({ value }) => value.map(Number))).toEqual([
      [7, 700, 3, 300],
      [7, 700, 3, 2 ** 52],
    ]);
    expect(profile.function.map(({ name }) => strings[Number(name)])).toEqual(['read', 'main', '(unknown)']);
    expect(strings[Number(profile.defaultSampleType)]).toBe('inuse_space');
    expect(profile.timeNanos).toBe(options.timeNanos);
  });

  test('of any sites is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(anySite), (sites) => {
        const { samples } = roundTrip(...sites);
        expect(samples).toEqual(
          sites.map(({ frames, kind, liveBlocks, liveBytes, totalBlocks, totalBytes }) => ({
            values: [totalBlocks, totalBytes, liveBlocks, liveBytes].map(BigInt),
            frames: frames.map((each) => `${each.functionName} ${each.url}:${each.line}:${each.column}`),
            labels: { kind },
          })),
        );
      }),
    );
  });
});

test('the package does not load pprof-format before a profile is asked for', async () => {
  const refuse = `export const resolve = (specifier, context, next) => {
    if (specifier === 'pprof-format') throw new Error('pprof-format is loaded');
    return next(specifier, context);
  };`;
  const entry = new URL('../../../dist/', import.meta.url);
  const program = `
    import { register } from 'node:module';
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(refuse)}`)});
    await import(${JSON.stringify(new URL('index.js', entry).href)});
    const profile = ${JSON.stringify(new URL('debug/profile/pprof.js', entry).href)};
    await import(profile).catch(({ message }) => console.log(message));
  `;
  // Newer versions would rather have another way to register hooks, which node 20 has not.
  const { stdout } = await runChild(program, { execArgv: ['--no-deprecation'] });
  expect(stdout).toBe('pprof-format is loaded\n');
});

const go = spawnSync('go', ['version']).status === 0;

describe.skipIf(!go)('go tool pprof (skipped where there is no go in the PATH)', () => {
  test.each([
    ['inuse_space', '300B'],
    ['inuse_objects', '3'],
    ['alloc_space', '700B'],
    ['alloc_objects', '7'],
  ])('shows %s as %s', (sampleType, shown) => {
    const folder = mkdtempSync(join(tmpdir(), 'freehold-pprof-'));
    try {
      const path = join(folder, 'heap.pb.gz');
      writeFileSync(
        path,
        encodePprof([site(['größe[T] /app/net.js:12:30', 'main /app/main.js:3:1'])], options),
      );
      const args = ['tool', 'pprof', '-top', `-sample_index=${sampleType}`, path];
      const lines = execFileSync('go', args, { encoding: 'utf8', stdio: 'pipe' }).trimEnd().split('\n');
      expect(lines[0]).toBe(`Type: ${sampleType}`);
      expect(lines.slice(-2).map((line) => line.trim().split(/ +/))).toEqual([
        [shown, '100%', '100%', shown, '100%', 'größe[T]'],
        ['0', '0%', '100%', shown, '100%', 'main'],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
