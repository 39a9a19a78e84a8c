// @ts-check
// The tables of results in the documentation.
import { columnsOf, figure, ratio } from './table.mjs';

/**
 * @typedef {import('./question.mjs').Row} Row
 * @typedef {import('./question.mjs').Answer} Answer
 *
 * @typedef {object} Results what a file of bench/results holds
 * @property {string} date ISO 8601
 * @property {{ model: string, cores: number }} machine
 * @property {{ node: string, v8: string }} versions
 * @property {Answer[]} answers
 */

/**
 * Rows one after the other, cut where one has a peer that the rows before it have not.
 * @param {readonly Row[]} rows
 */
function groups(rows) {
  /** @type {Row[][]} */
  const found = [];
  for (const row of rows) {
    const group = found.at(-1);
    if (group && Object.keys(row.cells).every((peer) => peer in group[0].cells)) group.push(row);
    else found.push([row]);
  }
  return found;
}

/** @param {readonly Row[]} rows of which the first has all peers */
function table(rows) {
  const columns = columnsOf(rows);
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const cell = (/** @type {Row} */ row, /** @type {string} */ peer) => {
    const base = row.cells[columns[0]].median;
    const median = row.cells[peer]?.median;
    if (median === undefined) return '';
    if (peer === columns[0]) return `**${figure(median)}**`;
    return base > 0 ? `${figure(median)} (${ratio(median / base)})` : figure(median);
  };
  return [
    line(['', ...columns]),
    line(['---', ...columns.map(() => '---:')]),
    ...rows.map((row) => line([`${row.title}, ${row.unit}`, ...columns.map((peer) => cell(row, peer))])),
    '',
  ];
}

/**
 * The machine and the versions, without which figures mean nothing.
 * @param {Results} results
 */
export function conditions({ date, machine, versions, answers }) {
  // What is counted and not timed, such as memory, needs no rounds.
  const rounds = answers.flatMap(({ rows }) =>
    rows.flatMap((row) => Object.values(row.cells).map((cell) => cell.rounds)).filter((count) => count > 1),
  );
  return (
    `${machine.model}, ${machine.cores} cores, Node ${versions.node} (V8 ${versions.v8}), ${date.slice(0, 10)}; medians of ` +
    `at least ${Math.min(...rounds)} interleaved rounds`
  );
}

/**
 * Markdown tables of all rows, and the conditions under them.
 * @param {Results} results
 */
export function resultsTable(results) {
  const { answers } = results;
  const rows = answers.flatMap((answer) => answer.rows);
  return [
    ...groups(rows).flatMap(table),
    `${conditions(results)}, garbage collections included; in brackets: how many times freehold's figure. Made by ` +
      '`npm run bench`, which also says how each figure is taken.',
    '',
    'What these figures do not show:',
    '',
    ...answers.flatMap((answer) => answer.doesNotShow.map((text) => `- ${answer.question}: ${text}.`)),
  ].join('\n');
}

/**
 * The text with what lies between the markers of a table replaced.
 * @param {string} text
 * @param {string} name of the table, as its markers have it
 * @param {string} table
 * @throws Error when the markers are not there
 */
export function withTable(text, name, table) {
  const open = `<!-- bench:${name} -->`;
  const begin = text.indexOf(open);
  const end = text.indexOf(`<!-- /bench:${name} -->`);
  if (begin < 0 || end < begin) throw new Error(`there is no ${open} ... <!-- /bench:${name} -->`);
  return `${text.slice(0, begin + open.length)}\n\n${table}\n\n${text.slice(end)}`;
}
