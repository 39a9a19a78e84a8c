// What is made of bench/results, of what the tests of faults have seen, and of the table of metrics: tables in the documentation,
// plots, and a dashboard.
import { readFileSync } from 'node:fs';
import prettier from 'prettier';
import { chooserTable } from '../../bench/lib/chooser.mjs';
import { conditions, resultsTable, withTable } from '../../bench/lib/markdown.mjs';
import { httpPlot, httpTables } from '../../bench/lib/http-report.mjs';
import { manyLiveBlocks } from '../../bench/lib/plot.mjs';
import { dashboard } from './dashboard.mjs';
import { detectionProof } from './detection-proof-text.mjs';
import { detectionNames, detectionSummary, detectionTables } from './detection-tables.mjs';
import { metricsTable } from './metrics-table.mjs';
import { at } from './paths.mjs';

const resultsOf = (group) => JSON.parse(readFileSync(at('bench', 'results', `${group}.json`), 'utf8'));

/** The tables of each document, by the name that their markers have. */
const TABLES = {
  'README.md': { arena: () => resultsTable(resultsOf('arena')) },
  'docs/servers.md': { metrics: metricsTable, http: () => httpTables(resultsOf('http')) },
  'docs/structs.md': { struct: () => resultsTable(resultsOf('struct')) },
  'docs/choosing.md': {
    chooser: () => chooserTable(resultsOf('chooser')),
    pool: () => resultsTable(resultsOf('pool')),
    heap: () => resultsTable(resultsOf('heap')),
    rc: () => resultsTable(resultsOf('rc')),
  },
  'docs/debugging.md': { debug: () => resultsTable(resultsOf('debug')) },
  'docs/detection.md': { summary: detectionSummary, table: detectionTables, names: detectionNames },
  'docs/strategies.md': { strategy: () => resultsTable(resultsOf('strategy')) },
  'docs/ffi-libraries.md': { ffi: () => resultsTable(resultsOf('ffi')) },
  'docs/eslint/README.md': { eslint: () => resultsTable(resultsOf('eslint')) },
  'docs/ownership.md': { ownership: () => resultsTable(resultsOf('ownership')) },
};

/** A document as it should be. */
async function documentOf(path, tables) {
  const text = Object.entries(tables).reduce(
    (before, [name, table]) => withTable(before, name, table()),
    readFileSync(at(path), 'utf8'),
  );
  return formatted(path, text);
}

/** A document that is made as a whole. */
async function formatted(path, text) {
  return prettier.format(text, { ...(await prettier.resolveConfig(at(path))), filepath: at(path) });
}

/** The plot of bench/pool/many.mjs and bench/heap/many.mjs. */
function plot() {
  const results = [resultsOf('pool'), resultsOf('heap')];
  const rows = results.flatMap(({ answers }) => answers.flatMap((answer) => answer.rows));
  return manyLiveBlocks(rows, conditions(results[0]).replace(/;.*/, ''));
}

/** All files that are made of the results, by path. */
export async function documents() {
  const made = Object.entries(TABLES).map(async ([path, tables]) => [path, await documentOf(path, tables)]);
  const proof = 'docs/detection-proof.md';
  return [
    ...(await Promise.all(made)),
    [proof, await formatted(proof, detectionProof())],
    ['docs/grafana.json', await formatted('docs/grafana.json', JSON.stringify(dashboard()))],
    ['bench/results/many-live-blocks.svg', plot()],
    ['bench/results/http.svg', httpPlot(resultsOf('http'))],
  ];
}
