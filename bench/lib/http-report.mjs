// @ts-check
// What bench/http found, as tables and as a plot.
import * as Plot from '@observablehq/plot';
import { JSDOM } from 'jsdom';
import { BUFFER, LAZY, NO_CONTEXT } from './http-question.mjs';
import { conditions } from './markdown.mjs';
import { OURS } from './question.mjs';
import { figure, ratio } from './table.mjs';

/** @type {Record<string, string>} */
const KINDS = {
  [OURS]: 'arenas()',
  [NO_CONTEXT]: 'context: false',
  [LAZY]: 'lazyArenas()',
  [BUFFER]: 'Buffer',
};
const ROUTES = ['heavy', 'medium', 'light'];
const COLUMNS = [
  'requests/s',
  'requests/s under autocannon',
  'latency p50',
  'latency p99',
  'latency p99.9',
  'CPU per request',
  'of it, outside of the system',
  'GC per 1,000 requests',
  'peak RSS',
  'peak of external memory',
];

/**
 * The rows of one route as [framework, figure, row].
 * @param {import('./question.mjs').Answer} answer
 * @returns {{ framework: string, name: string, row: import('./question.mjs').Row }[]}
 */
function split({ rows }) {
  return rows.map((row) => {
    const [framework, name] = row.title.split(': ');
    return { framework, name, row };
  });
}

/**
 * A table for each route: a line for each framework, and in each cell the figure on arenas, that on Buffer, and how many times it.
 * @param {import('./markdown.mjs').Results} results
 */
export function httpTables(results) {
  const parts = ROUTES.flatMap((question) => {
    const answer = results.answers.find((each) => each.question === question);
    if (answer === undefined) return [];
    const cells = split(answer);
    const frameworks = [...new Set(cells.map(({ framework }) => framework))];
    const kinds = Object.keys(KINDS).filter((kind) => kind in cells[0].row.cells);
    const columns = COLUMNS.filter((column) => cells.some(({ name }) => name === column));
    const note = cells[0].row.note?.split(';')[0] ?? '';
    const line = (/** @type {string[]} */ texts) => `| ${texts.join(' | ')} |`;
    const cell = (/** @type {string} */ framework, /** @type {string} */ column) => {
      const row = cells.find((each) => each.framework === framework && each.name === column)?.row;
      if (row === undefined) return '';
      const buffer = row.cells[BUFFER].median;
      const figures = kinds.map((kind) => (kind in row.cells ? figure(row.cells[kind].median) : '–'));
      const others = kinds.filter((kind) => kind in row.cells && kind !== BUFFER);
      const times = others.map((kind) => ratio(row.cells[kind].median / buffer));
      return `${figures.join(' / ')} (${times.join(', ')})`;
    };
    const unit = (/** @type {string} */ column) => cells.find(({ name }) => name === column)?.row.unit ?? '';
    return [
      `${note}:`,
      '',
      line([kinds.map((kind) => KINDS[kind]).join(' / '), ...frameworks]),
      line(['---', ...frameworks.map(() => '---:')]),
      ...columns.map((column) =>
        line([`${column}, ${unit(column)}`, ...frameworks.map((framework) => cell(framework, column))]),
      ),
      '',
    ];
  });
  const claims = results.answers.flatMap((answer) => answer.claims);
  return [
    ...parts,
    `${conditions(results)}; in brackets: how many times the figure on Buffer; wrk with 32 connections on the same machine, and autocannon; the server is one process. Made by ` +
      '`npm run bench -- http`.',
    '',
    `Promised were ${claims.length} figures, of which ${claims.filter(({ met }) => met).length} were met in this run. Not met:`,
    '',
    ...claims
      .filter(({ met }) => !met)
      .map(
        ({ text, measured, bound, wanted }) => `- ${text}: ${figure(measured)}, promised ${bound} ${wanted}`,
      ),
    '',
    'What these figures do not show:',
    '',
    ...results.answers.flatMap(({ question, doesNotShow }) =>
      doesNotShow.map((text) => `- ${question}: ${text}.`),
    ),
  ].join('\n');
}

/**
 * Requests per second of each route and framework.
 * @param {import('./markdown.mjs').Results} results
 * @returns {string} SVG
 */
export function httpPlot(results) {
  const bars = ROUTES.flatMap((question) => {
    const answer = results.answers.find((each) => each.question === question);
    return answer === undefined
      ? []
      : split(answer)
          // Each framework once, and none with a long name.
          .filter(({ name, framework }) => name === 'requests/s' && !framework.includes(','))
          .flatMap(({ framework, row }) =>
            [BUFFER, OURS].map((memory) => ({
              route: question,
              framework,
              memory: memory === OURS ? 'arenas' : memory,
              requests: row.cells[memory].median,
            })),
          );
  });
  const { document } = new JSDOM('').window;
  const charts = ROUTES.filter((route) => bars.some((bar) => bar.route === route)).map((route) =>
    Plot.plot({
      document,
      width: 400,
      height: 320,
      marginLeft: 60,
      marginBottom: 40,
      marginTop: 40,
      style: { background: 'white', color: 'black', fontSize: '12px' },
      x: { axis: null, domain: [BUFFER, 'arenas'] },
      fx: { label: null },
      y: { label: `requests/s, ${route} route`, grid: true },
      color: { domain: [BUFFER, 'arenas'], range: ['#9aa0a6', '#1a73e8'] },
      marks: [
        Plot.barY(
          bars.filter((bar) => bar.route === route),
          { fx: 'framework', x: 'memory', y: 'requests', fill: 'memory' },
        ),
        Plot.ruleY([0]),
      ],
    }),
  );
  const inner = charts.map((chart, index) => {
    chart.setAttribute('x', String(index * 400));
    return chart.outerHTML;
  });
  const caption = `Grey: Buffer, blue: arenas. ${conditions(results)}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="350" viewBox="0 0 1200 350">` +
    `<rect width="1200" height="350" fill="white"/>${inner.join('')}` +
    `<text x="10" y="342" font-family="system-ui, sans-serif" font-size="12">${caption}</text></svg>\n`
  );
}
