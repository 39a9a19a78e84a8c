// The dashboard for Grafana in docs/grafana.json, of lib/metrics/table.ts: every metric is in one of its panels.
import { METRICS, prometheusName } from '../../dist/metrics/table.js';

/** Routes beyond are left out of a panel, the smallest first: a thread may have 1,000. */
const ROUTES = 20;
const COLUMNS = 24;
const WIDTH = 8;
const HEIGHT = 8;

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const SELECTOR = '{job=~"$job",instance=~"$instance"}';

/** What is shown, from top to bottom. A panel has one unit, so that its lines can be compared. */
const ROWS = [
  [
    'Memory',
    panel('Memory of allocators', 'bytes', 'memory.live', 'memory.reserved'),
    panel('Memory of the process', 'bytes', 'memory.mapped', 'memory.mapped_peak'),
    panel('Kept, or left to the garbage collector', 'bytes', 'memory.cached', 'memory.orphaned'),
  ],
  [
    'Arenas',
    panel('Arenas in use and idle', 'short', 'arenas.in_use', 'arenas.idle'),
    panel('Warm memory', 'bytes', 'arenas.warm'),
    panel('Resets and trims', 'ops', 'resets', 'trims'),
    panel('Trimmed memory', 'Bps', 'trimmed'),
    panel('Pins', 'short', 'pins'),
    panel('Orphanings', 'ops', 'orphanings'),
  ],
  [
    'Requests by route',
    panel('Requests', 'reqps', 'requests'),
    panel('High-water mark', 'bytes', 'route.high_water'),
    panel('Peak', 'bytes', 'route.peak'),
    panel('Broken requests', 'reqps', 'broken_requests'),
    panel('Pinned requests', 'reqps', 'pinned_requests'),
    panel('Limit hits', 'ops', 'limit_hits'),
  ],
  [
    'Collector of reference-counted heaps',
    panel('Collections', 'ops', 'collector.runs'),
    {
      title: 'Mean time of a collection',
      unit: 's',
      targets: () => [
        {
          expr: `${rateOf(metric('collector.pause'))} / ${rateOf(metric('collector.runs'))}`,
          legendFormat: 'mean',
        },
      ],
      description: () => metric('collector.pause').help,
    },
    panel('Longest pause', 's', 'collector.longest_pause'),
  ],
];

function panel(title, unit, ...names) {
  return {
    title,
    unit,
    targets: () => names.map((name) => targetOf(metric(name))),
    description: () => names.map((name) => `${metric(name).help}.`).join(' '),
  };
}

function metric(name) {
  const found = METRICS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the dashboard shows ${name}, which is no metric`);
  return found;
}

function rateOf(counter) {
  return `sum(rate(${prometheusName(counter)}${SELECTOR}[$__rate_interval]))`;
}

function targetOf(each) {
  const series = `${prometheusName(each)}${SELECTOR}`;
  const value = each.kind === 'counter' ? `rate(${series}[$__rate_interval])` : series;
  const sum = each.kind === 'gauge' ? 'max' : 'sum';
  return each.readRoute
    ? { expr: `topk(${ROUTES}, ${sum} by (route) (${value}))`, legendFormat: '{{route}}' }
    : { expr: `${sum}(${value})`, legendFormat: each.name.replace(/^.*\./, '').replaceAll('_', ' ') };
}

/** The panels of all rows, one below the other, left to right. */
function panels() {
  const made = [];
  let y = 0;
  for (const [title, ...row] of ROWS) {
    made.push({ type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y, w: COLUMNS, h: 1 } });
    y++;
    row.forEach((spec, index) => {
      const place = index * WIDTH;
      const gridPos = {
        x: place % COLUMNS,
        y: y + HEIGHT * Math.floor(place / COLUMNS),
        w: WIDTH,
        h: HEIGHT,
      };
      made.push(timeSeries(spec, gridPos));
    });
    y += HEIGHT * Math.ceil((row.length * WIDTH) / COLUMNS);
  }
  return made.map((each, index) => ({ id: index + 1, ...each }));
}

function timeSeries({ title, unit, targets, description }, gridPos) {
  return {
    type: 'timeseries',
    title,
    description: description(),
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi' },
    },
    targets: targets().map((target, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      ...target,
    })),
  };
}

function variable(name, of) {
  const query = `label_values(${of}, ${name})`;
  return {
    type: 'query',
    name,
    label: name,
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: name },
    refresh: 2,
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { selected: true, text: ['All'], value: ['$__all'] },
  };
}

/** The dashboard, as Grafana imports it. */
export function dashboard() {
  const some = prometheusName(metric('memory.mapped'));
  return {
    title: 'freehold',
    uid: 'freehold',
    description:
      'Memory of arenas, pools and heaps, and what requests take of it. Made of the table of metrics.',
    tags: ['nodejs', 'memory'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: {
      list: [
        { type: 'datasource', name: 'datasource', label: 'data source', query: 'prometheus' },
        variable('job', some),
        variable('instance', `${some}{job=~"$job"}`),
      ],
    },
    panels: panels(),
  };
}
