// docs/grafana.json, which scripts/lib/dashboard.mjs makes: what Grafana needs of it, and that it shows what there is.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { METRICS, prometheusName } from '../../dist/metrics/table.js';

interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { unit: string } };
  targets: { refId: string; expr: string; legendFormat: string }[];
}

interface Dashboard {
  title: string;
  uid: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { type: string; name: string }[] };
}

const dashboard = JSON.parse(
  readFileSync(new URL('../../docs/grafana.json', import.meta.url), 'utf8'),
) as Dashboard;
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const targets = panels.flatMap((panel) => panel.targets.map((target) => ({ ...target, panel })));
const byName = new Map(METRICS.map((metric) => [prometheusName(metric), metric]));
const SELECTOR = '{job=~"$job",instance=~"$instance"}';

function metricsIn(expr: string): string[] {
  return expr.match(/\bfreehold_\w+/g) ?? [];
}

test('every metric of it exists, and every metric is in it', () => {
  const shown = new Set(targets.flatMap(({ expr }) => metricsIn(expr)));
  expect([...shown].sort()).toEqual([...byName.keys()].sort());
  const asked = metricsIn(JSON.stringify(dashboard.templating));
  expect(asked.length).toBeGreaterThan(0);
  for (const name of asked) expect(byName.has(name)).toBe(true);
});

test('its expressions are well formed, and take rates of counters, and of nothing else', () => {
  for (const { expr } of targets) {
    for (const name of metricsIn(expr)) {
      const { kind, readRoute } = byName.get(name)!;
      const at = expr.indexOf(name);
      const series = name + SELECTOR;
      expect(expr.slice(at, at + series.length)).toBe(series);
      expect(expr.slice(0, at).endsWith('rate('), expr).toBe(kind === 'counter');
      expect(expr.slice(at + series.length).startsWith('[$__rate_interval])'), expr).toBe(kind === 'counter');
      expect(expr.includes('by (route)'), expr).toBe(readRoute !== undefined);
      expect(/^(topk\(\d+, )?max/.test(expr), expr).toBe(kind === 'gauge');
    }
    // What is left without series is functions and brackets that match.
    const frame = expr.replaceAll(/freehold_\w+\{[^}]*\}(\[\$__rate_interval\])?/g, 'x');
    const aggregate = String.raw`(?:sum|max)(?: by \(route\) )?\((?:rate\(x\)|x)\)`;
    expect(frame).toMatch(
      new RegExp(String.raw`^(?:topk\(20, ${aggregate}\)|${aggregate}(?: / ${aggregate})?)$`),
    );
  }
});

test('its panels have ids and titles of their own, and do not overlap', () => {
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
  const taken = new Set<string>();
  for (const { gridPos, title } of dashboard.panels) {
    const { x, y, w, h } = gridPos;
    expect(x >= 0 && w > 0 && x + w <= 24 && y >= 0 && h > 0, title).toBe(true);
    for (let row = y; row < y + h; row++)
      for (let column = x; column < x + w; column++) {
        expect(taken.has(`${row} ${column}`), title).toBe(false);
        taken.add(`${row} ${column}`);
      }
  }
});

test('its panels have the units of what they show, one each, and say what that is', () => {
  const rates: Record<string, string[]> = { By: ['Bps'], s: ['s'] };
  const values: Record<string, string[]> = { By: ['bytes'], s: ['s'] };
  for (const { expr, panel } of targets) {
    for (const name of metricsIn(expr)) {
      const { kind, unit, help } = byName.get(name)!;
      const fitting = kind === 'counter' ? (rates[unit] ?? ['ops', 'reqps']) : (values[unit] ?? ['short']);
      // Seconds by runs are seconds.
      if (!expr.includes(' / ')) {
        expect(fitting, panel.title).toContain(panel.fieldConfig.defaults.unit);
        expect(panel.description).toContain(help);
      } else expect(panel.fieldConfig.defaults.unit).toBe('s');
    }
  }
});

test('it has what Grafana imports it by', () => {
  expect(dashboard).toMatchObject({ title: 'freehold', uid: 'freehold', schemaVersion: 39 });
  expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance']);
  for (const panel of panels) {
    expect(panel).toMatchObject({ type: 'timeseries', datasource: { uid: '${datasource}' } });
    expect(panel.targets.length).toBeGreaterThan(0);
    expect(new Set(panel.targets.map(({ refId }) => refId)).size).toBe(panel.targets.length);
    expect(new Set(panel.targets.map(({ legendFormat }) => legendFormat)).size).toBe(panel.targets.length);
  }
});
