export {
  type OpenTelemetryInstrument,
  type OpenTelemetryMeter,
  type OpenTelemetryOptions,
  type OpenTelemetryResult,
  observeOpenTelemetry,
} from './open-telemetry.ts';
export {
  type PrometheusClient,
  type PrometheusCounter,
  type PrometheusGauge,
  type PrometheusMetricConfiguration,
  type PrometheusOptions,
  type PrometheusRegistry,
  collectPrometheus,
} from './prometheus.ts';
