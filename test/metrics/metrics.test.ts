// freehold/metrics by the real prom-client and the real SDK of OpenTelemetry, over servers that answer real requests.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import express from 'express';
import { Arena, type Pin, RcHeap, memoryStats } from 'freehold';
import { arenas } from 'freehold/express';
import { type ArenaServerOptions, arenaHandler } from 'freehold/http';
import { collectPrometheus, observeOpenTelemetry } from 'freehold/metrics';
import client from 'prom-client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { METRICS, openTelemetryName, prometheusName } from '../../dist/metrics/table.js';
import { collectUntil, settled } from '../lib/collect.ts';
import { refusal } from '../lib/codes.ts';
import { RawClient, deferred, listen, serve } from '../servers/lib/serve.ts';
import { parseExposition } from './exposition.ts';

/** All values of this moment, by name and route: `requests` and `requests /a`. */
type Values = Record<string, number>;

const KiB = 1024;

interface Backend {
  read(): Promise<Values>;
}

function prometheus(): Backend {
  const register = new client.Registry();
  onTestFinished(collectPrometheus({ client, register }));
  const names = new Map(METRICS.map((metric) => [prometheusName(metric), metric.name]));
  return {
    async read() {
      const families = [...parseExposition(await register.metrics())];
      const values = families.flatMap(([name, { samples }]) =>
        samples.map(
          ({ labels, value }) => [`${names.get(name)!} ${labels.route ?? ''}`.trim(), value] as const,
        ),
      );
      return Object.fromEntries(values);
    },
  };
}

function openTelemetry(): Backend {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader: MetricReader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8 });
  const provider = new MeterProvider({ readers: [reader] });
  onTestFinished(observeOpenTelemetry(provider.getMeter('test')));
  onTestFinished(() => provider.shutdown());
  return {
    async read() {
      const { resourceMetrics, errors } = await reader.collect();
      expect(errors).toEqual([]);
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      const values = metrics.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => {
          const route = descriptor.name.includes('request') || /limit|route/.test(descriptor.name);
          const label = route ? ((attributes['http.route'] as string | undefined) ?? 'other') : '';
          return [`${descriptor.name.replace('freehold.', '')} ${label}`.trim(), value as number] as const;
        }),
      );
      return Object.fromEntries(values);
    },
  };
}

/** What has changed since `before`, of figures that tests of other servers may have changed too. */
function since(before: Values, now: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, (now[name] ?? 0) - (before[name] ?? 0)]));
}

/** A server by node:http, and what became of a request when the server has heard of it. */
async function serveHttp(handler: Parameters<typeof arenaHandler>[0], options?: ArenaServerOptions) {
  return serve(arenaHandler(handler, options));
}

describe.each([
  ['Prometheus', prometheus],
  ['OpenTelemetry', openTelemetry],
])('by %s', (_name, backendOf) => {
  test('every metric is there, once, from the start', async () => {
    const values = await backendOf().read();
    const names = METRICS.filter(({ read }) => read !== undefined).map(({ name }) => name);
    for (const name of names) expect(values[name], name).toBeTypeOf('number');
  });

  test('requests, breaks, limits, pins, resets and orphanings are as many as there were', async () => {
    const backend = backendOf();
    const pins: Pin[] = [];
    let begun = deferred();
    let over = deferred();
    const errors: unknown[] = [];
    const { url, port } = await serveHttp(
      (request, response) => {
        response.once('close', () => over.resolve());
        if (request.url === '/limit') {
          request.arena.alloc(100 * KiB);
        } else if (request.url === '/pin') {
          pins.push(request.arena.pin());
          response.end(request.arena.string('pinned'));
        } else if (request.url === '/leave') {
          request.arena.alloc(10);
          begun.resolve();
        } else if (request.url === '/none') {
          response.end('no arena');
        } else {
          response.end(request.arena.string('hello'));
        }
      },
      { limitBytes: 64 * KiB, onError: (error) => errors.push(error) },
    );
    const ask = async (path: string) => {
      over = deferred();
      const answer = await fetch(url + path);
      await answer.text();
      await over.promise;
      return answer.status;
    };
    const before = await backend.read();
    for (let i = 0; i < 5; i++) expect(await ask('/')).toBe(200);
    for (let i = 0; i < 2; i++) expect(await ask('/limit')).toBe(503);
    for (let i = 0; i < 3; i++) expect(await ask('/pin')).toBe(200);
    expect(await ask('/none')).toBe(200);
    for (let i = 0; i < 4; i++) {
      begun = deferred();
      over = deferred();
      const leaving = await RawClient.connect(port);
      leaving.get('/leave');
      await begun.promise;
      const during = await backend.read();
      expect(during['arenas.in_use'] - before['arenas.in_use']).toBe(1);
      leaving.socket.destroy();
      await over.promise;
    }
    expect(errors).toHaveLength(2);
    const names = ['requests', 'broken_requests', 'pinned_requests', 'limit_hits'].map(
      (name) => `${name} other`,
    );
    const others = ['resets', 'orphanings', 'pins', 'arenas.in_use'];
    const now = await backend.read();
    expect(since(before, now, [...names, ...others])).toEqual({
      'requests other': 14,
      'broken_requests other': 4,
      'pinned_requests other': 3,
      'limit_hits other': 2,
      resets: 10,
      orphanings: 7,
      pins: 3,
      'arenas.in_use': 0,
    });
    for (const pin of pins) pin.release();
    expect((await backend.read()).pins).toBe(before.pins);
  });

  test('routes have what their requests took, of all servers together', async () => {
    const backend = backendOf();
    const before = await backend.read();
    const over: Promise<unknown>[] = [];
    const app = () => {
      const made = express();
      made.use((_request, response, next) => {
        over.push(once(response, 'close'));
        next();
      });
      made.use(arenas({ initialBytes: 4 * KiB }));
      made.get('/take/:bytes', (request, response) => {
        request.arena.allocUnsafe(Number(request.params.bytes));
        response.end();
      });
      made.get(`/only/"here\\"`, (request, response) => void response.end(request.arena.string('x')));
      return made;
    };
    const [one, two] = [createServer(app()), createServer(app())];
    const urls = [`http://127.0.0.1:${await listen(one)}`, `http://127.0.0.1:${await listen(two)}`];
    for (const path of ['/take/1024', '/take/204800']) await (await fetch(urls[0] + path)).text();
    await (await fetch(`${urls[1]}/take/102400`)).text();
    await Promise.all(over);
    const now = await backend.read();
    expect(now['requests /take/:bytes'] - (before['requests /take/:bytes'] ?? 0)).toBe(3);
    expect(now['route.peak /take/:bytes']).toBe(204800);
    expect(now['route.high_water /take/:bytes']).toBeGreaterThanOrEqual(204800);
    expect(now['limit_hits /take/:bytes']).toBe(0);
  });

  test('memory is what memoryStats() says', async () => {
    const backend = backendOf();
    using arena = new Arena({ initialBytes: 1024 * KiB });
    arena.alloc(1000 * KiB);
    const values = await backend.read();
    const { totals, chunks, peak } = memoryStats();
    expect(values).toMatchObject({
      'memory.live': totals.bytesUsed,
      'memory.reserved': totals.bytesReserved,
      'memory.mapped': chunks.mappedBytes,
      'memory.mapped_peak': peak.mappedBytes,
      'memory.cached': chunks.cachedBytes,
      'memory.orphaned': chunks.orphanedBytes,
    });
    expect(values['memory.live']).toBeGreaterThanOrEqual(1000 * KiB);
  });

  test('warm arenas are what waits, until a trim unmaps it', async () => {
    const backend = backendOf();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const closed = deferred();
    const { url } = await serveHttp(
      (request, response) => {
        response.once('close', closed.resolve);
        response.end(request.arena.string('hello'));
      },
      { idleMs: 1000, initialBytes: 2048 * KiB },
    );
    const before = await backend.read();
    await (await fetch(url)).text();
    await closed.promise;
    const names = ['arenas.idle', 'arenas.warm', 'trims', 'trimmed'];
    expect(since(before, await backend.read(), names)).toEqual({
      'arenas.idle': 1,
      'arenas.warm': 2048 * KiB,
      trims: 0,
      trimmed: 0,
    });
    vi.advanceTimersByTime(2000);
    expect(since(before, await backend.read(), names)).toEqual({
      'arenas.idle': 0,
      'arenas.warm': 0,
      trims: 1,
      trimmed: 2048 * KiB,
    });
  });

  test('a server that goes away takes its arenas along, and leaves its counts', async () => {
    const backend = backendOf();
    const begin = await backend.read();
    await (async () => {
      const closed = deferred();
      const server = createServer(
        arenaHandler(
          (request, response) => {
            response.once('close', closed.resolve);
            response.end(request.arena.string('hello'));
          },
          { idleMs: Infinity },
        ),
      );
      await once(server.listen(0), 'listening');
      await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text();
      await closed.promise;
      expect((await backend.read())['arenas.idle'] - begin['arenas.idle']).toBe(1);
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    })();
    const before = await backend.read();
    await collectUntil(() => memoryStats().arenas.idle <= begin['arenas.idle']);
    const after = await backend.read();
    expect(after['arenas.idle']).toBe(begin['arenas.idle']);
    for (const { name, kind } of METRICS.filter(({ kind }) => kind === 'counter'))
      for (const key of Object.keys(before).filter((key) => key.split(' ')[0] === name))
        expect(after[key], `${kind} ${key}`).toBeGreaterThanOrEqual(before[key]);
    expect(after['requests other'] - begin['requests other']).toBe(1);
  });

  test('collections are counted, of heaps that were disposed or collected as well', async () => {
    const backend = backendOf();
    const before = await backend.read();
    const cycle = (heap: RcHeap) => {
      const block = heap.alloc(64, { refs: 1 });
      block.setRef(0, block);
      block.release();
      heap.collect();
    };
    const living = new RcHeap();
    cycle(living);
    const disposed = new RcHeap();
    cycle(disposed);
    cycle(disposed);
    const spent = [living, disposed].map((heap) => heap.stats());
    disposed.dispose();
    const count = memoryStats().rc.count;
    let lost = 0;
    (() => {
      const heap = new RcHeap();
      for (let i = 0; i < 3; i++) cycle(heap);
      const { pauseNs, collections } = heap.stats();
      expect(collections).toBe(3);
      lost = pauseNs;
    })();
    await collectUntil(() => memoryStats().rc.count <= count);
    expect(memoryStats().rc.count).toBe(count);
    const after = await backend.read();
    expect(after['collector.runs'] - before['collector.runs']).toBe(6);
    const pauseNs = spent.reduce((sum, stats) => sum + stats.pauseNs, lost);
    expect(after['collector.pause'] - before['collector.pause']).toBeCloseTo(pauseNs / 1e9, 12);
    const longest = Math.max(...spent.map((stats) => stats.longestPauseNs));
    expect(after['collector.longest_pause']).toBeGreaterThanOrEqual(longest / 1e9);
    living.dispose();
  });
});

test('heaps that are collected give their memory back, though their collections are counted', async () => {
  const mapped = () => {
    const { mappedBytes, cachedBytes } = memoryStats().chunks;
    return mappedBytes - cachedBytes;
  };
  const before = await settled(mapped);
  const kept = (() => {
    const heaps = Array.from({ length: 10 }, () => new RcHeap());
    // Small blocks: their slabs are the core heap's, large ones have pages of their own.
    for (const heap of heaps) for (let i = 0; i < 20; i++) heap.allocHandle(20_000);
    return mapped() - before;
  })();
  expect(kept).toBeGreaterThan(2_000_000);
  await collectUntil(() => mapped() <= before);
  expect(mapped()).toBeLessThanOrEqual(before);
});

describe('collectPrometheus', () => {
  test('names, units and types are by the rules of Prometheus', async () => {
    const register = new client.Registry();
    const stop = collectPrometheus({ client, register });
    const families = parseExposition(await register.metrics());
    expect([...families.keys()]).toEqual(METRICS.map((metric) => prometheusName(metric)));
    for (const [name, { help, type }] of families) {
      expect(name).toMatch(/^freehold_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(['counter', 'gauge']).toContain(type);
      expect(help).toMatch(/^[A-Z].*[^.]\.$/);
    }
    for (const metric of METRICS) {
      const base = prometheusName(metric).replace(/_total$/, '');
      expect(base.endsWith('_bytes')).toBe(metric.unit === 'By');
      expect(base.endsWith('_seconds')).toBe(metric.unit === 's');
    }
    stop();
    expect(await register.metrics()).toBe('\n');
    stop();
  });

  test('the same in the format of OpenMetrics, twice', async () => {
    const register = new client.Registry<typeof client.Registry.OPENMETRICS_CONTENT_TYPE>();
    register.setContentType(client.Registry.OPENMETRICS_CONTENT_TYPE);
    const stop = collectPrometheus({ client, register });
    await register.metrics();
    const text = await register.metrics();
    expect(text).toMatch(/^freehold_resets_total \d+$/m);
    expect(text).not.toContain('_total_total');
    stop();
  });

  test('registers with the registry of prom-client when none is given, and under another prefix', async () => {
    const stop = collectPrometheus({ client, prefix: 'my_app:' });
    expect(await client.register.metrics()).toContain('# TYPE my_app:memory_mapped_bytes gauge');
    stop();
    expect(await client.register.metrics()).not.toContain('my_app:');
  });

  test('registers all metrics or none', () => {
    const register = new client.Registry();
    new client.Gauge({ name: 'freehold_collector_runs_total', help: 'in the way', registers: [register] });
    expect(() => collectPrometheus({ client, register })).toThrow(/already been registered/);
    expect(register.getMetricsAsArray()).toHaveLength(1);
  });

  test('two registries may have the same metrics, and a cluster adds up what adds up', async () => {
    const registers = [new client.Registry(), new client.Registry()];
    for (const register of registers) onTestFinished(collectPrometheus({ client, register }));
    using arena = new Arena();
    arena.alloc(1000);
    const json = await Promise.all(registers.map((register) => register.getMetricsAsJSON()));
    const sum = parseExposition(await client.AggregatorRegistry.aggregate(json).metrics());
    const one = parseExposition(await registers[0].metrics());
    const valueOf = (families: typeof sum, name: string) => families.get(name)!.samples[0].value;
    expect(valueOf(sum, 'freehold_memory_live_bytes')).toBe(2 * valueOf(one, 'freehold_memory_live_bytes'));
    expect(valueOf(sum, 'freehold_memory_mapped_peak_bytes')).toBe(
      valueOf(one, 'freehold_memory_mapped_peak_bytes'),
    );
  });

  test('options that make no sense are refused', () => {
    for (const options of [
      undefined,
      {},
      { client: {} },
      { client: null },
      { client, prefix: '1' },
      { client, prefix: 3 },
      { client, register: {} },
      { client, registry: client.register },
    ])
      refusal(() => collectPrometheus(options as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});

describe('observeOpenTelemetry', () => {
  test('names, units and instruments are by the rules of OpenTelemetry', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8 });
    const provider = new MeterProvider({ readers: [reader] });
    onTestFinished(() => provider.shutdown());
    const stop = observeOpenTelemetry(provider.getMeter('test'));
    const { url } = await serveHttp((request, response) => void response.end(request.arena.string('x')));
    await (await fetch(url)).text();
    const collect = async () =>
      (await reader.collect()).resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const metrics = await collect();
    expect(metrics.map(({ descriptor }) => descriptor.name)).toEqual(METRICS.map(openTelemetryName));
    metrics.forEach((metric, index) => {
      const { kind, unit, help, name } = METRICS[index];
      expect(metric.descriptor).toMatchObject({ unit, description: `${help}.` });
      expect(name).toMatch(/^[a-z]+(?:[._][a-z]+)*$/);
      expect('isMonotonic' in metric ? metric.isMonotonic : undefined, name).toBe(
        kind === 'gauge' ? undefined : kind === 'counter',
      );
    });
    // A name must not be the beginning of others.
    for (const { name } of METRICS)
      expect(METRICS.filter((other) => other.name.startsWith(`${name}.`))).toEqual([]);
    const requests = async () => {
      const found = (await collect()).find(({ descriptor }) => descriptor.name === 'freehold.requests');
      return found!.dataPoints.find(({ attributes }) => attributes['http.route'] === undefined)?.value;
    };
    const before = await requests();
    stop();
    await (await fetch(url)).text();
    expect(await requests()).toBe(before); // the SDK repeats what it was told last
    stop();
  });

  test('what is no meter is refused', () => {
    for (const meter of [undefined, null, {}, 'meter'])
      refusal(() => observeOpenTelemetry(meter as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
  });
});
