// The metrics for prom-client, which is passed in: freehold does not depend on it.
import { describe, readOptions } from '../validate.ts';
import { FreeholdError } from '../errors.ts';
import { figures } from './figures.ts';
import { type Metric, METRICS, prometheusName } from './table.ts';

/** The label of requests whose adapter names no route, and of those on routes that are too many. */
const UNNAMED = 'other';

/** What of prom-client's configuration of a metric is used. */
export interface PrometheusMetricConfiguration {
  name: string;
  help: string;
  labelNames: string[];
  /** Registries of whatever type the module has for its own: each version has another. */
  registers: never[];
  aggregator: 'sum' | 'max';
  collect: () => void;
}

/** What of a counter of prom-client is used. */
export interface PrometheusCounter {
  reset(): void;
  inc(labels: Record<string, string>, value: number): void;
}

/** What of a gauge of prom-client is used. */
export interface PrometheusGauge {
  reset(): void;
  set(labels: Record<string, string>, value: number): void;
}

/** What of a registry of prom-client is used. */
export interface PrometheusRegistry {
  removeSingleMetric(name: string): void;
}

/** What of the module prom-client is used. */
export interface PrometheusClient {
  readonly Counter: new (configuration: PrometheusMetricConfiguration) => PrometheusCounter;
  readonly Gauge: new (configuration: PrometheusMetricConfiguration) => PrometheusGauge;
  readonly register: PrometheusRegistry;
}

/** Options of {@link collectPrometheus}. */
export interface PrometheusOptions {
  /** The module prom-client, 14 or 15. */
  client: PrometheusClient;
  /** Where the metrics are registered. Default: prom-client's own registry. */
  register?: PrometheusRegistry;
  /** What the names begin with: letters, digits, `_` and `:`. Default: `'freehold_'`. */
  prefix?: string;
}

/**
 * Registers the metrics of this thread with prom-client: what allocators hold, what servers have done, and for each route what its
 * requests take. They are read when they are scraped, and cost nothing between.
 *
 * Metrics of requests have the label `route`, with at most 1,000 values in a thread, however many its servers are; `other` stands for
 * requests without a named route, and for those beyond. Counters go on when a server ends.
 *
 * @returns a function that takes the metrics out of the registry again. Further calls do nothing.
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense; what prom-client throws, as for metrics that are registered
 * already.
 *
 * @example
 * ```ts
 * import client from 'prom-client';
 * import { collectPrometheus } from 'freehold/metrics';
 *
 * const register = new client.Registry();
 * const stop = collectPrometheus({ client, register });
 * const text = await register.metrics();
 * console.log(text.match(/^freehold_arenas_in_use .*$/m)?.[0]); // freehold_arenas_in_use 0
 * stop();
 * ```
 */
export function collectPrometheus(options: PrometheusOptions): () => void {
  const read = readOptions(options, ['client', 'register', 'prefix'], 'collectPrometheus');
  const { client, prefix = 'freehold_' } = read;
  if (typeof client?.Counter !== 'function' || typeof client.Gauge !== 'function')
    throw wrong('client must be the module prom-client', client);
  if (typeof prefix !== 'string' || !/^[a-z_:][\w:]*$/i.test(prefix))
    throw wrong('prefix must be a string of letters, digits, _ and : that begins with no digit', prefix);
  const { register = client.register } = read;
  if (typeof register?.removeSingleMetric !== 'function')
    throw wrong('register must be a registry of prom-client', register);
  const names: string[] = [];
  const stop = () => {
    for (const name of names.splice(0)) register.removeSingleMetric(name);
  };
  try {
    for (const metric of METRICS) {
      const name = prometheusName(metric, prefix);
      registerOne(client, register, metric, name);
      names.push(name);
    }
  } catch (error) {
    stop(); // All of them or none.
    throw error;
  }
  return stop;
}

function registerOne(
  client: PrometheusClient,
  register: PrometheusRegistry,
  metric: Metric,
  name: string,
): void {
  const { help, kind, readRoute } = metric;
  const configuration = {
    name,
    help: `${help}.`,
    labelNames: readRoute === undefined ? [] : ['route'],
    registers: [register as never],
    aggregator: kind === 'gauge' ? ('max' as const) : ('sum' as const),
  };
  // A counter of prom-client can be added to only: what it had is taken off first.
  if (kind === 'counter') {
    const collect = () => {
      counter.reset();
      forEachValue(metric, (labels, value) => counter.inc(labels, value));
    };
    const counter = new client.Counter({ ...configuration, collect });
  } else {
    const collect = () => {
      gauge.reset();
      forEachValue(metric, (labels, value) => gauge.set(labels, value));
    };
    const gauge = new client.Gauge({ ...configuration, collect });
  }
}

function forEachValue(
  { read, readRoute }: Metric,
  use: (labels: Record<string, string>, value: number) => void,
): void {
  if (readRoute === undefined) use({}, read(figures()));
  else for (const route of figures().routes) use({ route: route.totals.name || UNNAMED }, readRoute(route));
}

function wrong(what: string, value: unknown): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', `${what}, but is ${describe(value)}`);
}
