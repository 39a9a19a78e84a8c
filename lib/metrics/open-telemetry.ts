// The metrics for OpenTelemetry, whose meter is passed in: freehold does not depend on it.
import { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';
import { figures } from './figures.ts';
import { METRICS, openTelemetryName } from './table.ts';

/** What a meter makes of a metric. */
export type OpenTelemetryInstrument = object;

/** What of OpenTelemetry's options of an instrument is used. */
export interface OpenTelemetryOptions {
  description: string;
  unit: string;
}

/** What a callback reports values to. */
export interface OpenTelemetryResult {
  observe(instrument: OpenTelemetryInstrument, value: number, attributes?: Record<string, string>): void;
}

/** What of a meter of OpenTelemetry is used. */
export interface OpenTelemetryMeter {
  createObservableCounter(name: string, options: OpenTelemetryOptions): OpenTelemetryInstrument;
  createObservableUpDownCounter(name: string, options: OpenTelemetryOptions): OpenTelemetryInstrument;
  createObservableGauge(name: string, options: OpenTelemetryOptions): OpenTelemetryInstrument;
  addBatchObservableCallback(
    callback: (result: OpenTelemetryResult) => void,
    instruments: OpenTelemetryInstrument[],
  ): void;
  removeBatchObservableCallback(
    callback: (result: OpenTelemetryResult) => void,
    instruments: OpenTelemetryInstrument[],
  ): void;
}

/**
 * Makes instruments for the metrics of this thread: the same as those of {@link collectPrometheus}, by the names `freehold.…`. They
 * are read when a reader collects, and cost nothing between.
 *
 * Metrics of requests have the attribute `http.route`, with at most 1,000 values in a thread, however many its servers are; requests
 * without a named route, and those beyond, are reported together without the attribute. OpenTelemetry's SDK itself keeps 2,000 sets
 * of attributes per instrument unless a view says otherwise.
 *
 * @returns a function that ends the observation. Further calls do nothing.
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no meter.
 *
 * @example
 * ```ts
 * import { metrics } from '@opentelemetry/api';
 * import { observeOpenTelemetry } from 'freehold/metrics';
 *
 * const stop = observeOpenTelemetry(metrics.getMeter('freehold'));
 * stop();
 * ```
 */
export function observeOpenTelemetry(meter: OpenTelemetryMeter): () => void {
  if (typeof meter?.addBatchObservableCallback !== 'function') {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `meter must be a meter of OpenTelemetry, but is ${describe(meter)}`,
    );
  }
  const instruments = METRICS.map((metric) => {
    const name = openTelemetryName(metric);
    const options = { description: `${metric.help}.`, unit: metric.unit };
    switch (metric.kind) {
      case 'counter':
        return meter.createObservableCounter(name, options);
      case 'sum':
        return meter.createObservableUpDownCounter(name, options);
      case 'gauge':
        return meter.createObservableGauge(name, options);
    }
  });
  const observe = (result: OpenTelemetryResult) => {
    const now = figures();
    METRICS.forEach(({ read, readRoute }, index) => {
      const instrument = instruments[index];
      if (readRoute === undefined) result.observe(instrument, read(now));
      else
        for (const route of now.routes) {
          const { name } = route.totals;
          result.observe(instrument, readRoute(route), name === '' ? {} : { 'http.route': name });
        }
    });
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => {
    meter.removeBatchObservableCallback(observe, instruments);
  };
}
