// The table of metrics in docs/servers.md, of lib/metrics/table.ts.
import { METRICS, openTelemetryName, prometheusName } from '../../dist/metrics/table.js';

const KINDS = { counter: 'counter', sum: 'gauge, up-down counter', gauge: 'gauge' };

/** A Markdown table of all metrics. */
export function metricsTable() {
  const rows = METRICS.map((metric) => [
    `\`${prometheusName(metric)}\``,
    `\`${openTelemetryName(metric)}\``,
    KINDS[metric.kind],
    metric.unit,
    metric.readRoute ? 'yes' : '',
    metric.help,
  ]);
  const head = ['Prometheus', 'OpenTelemetry', 'kind', 'unit', 'by route', 'what it is'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
