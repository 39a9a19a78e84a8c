// @ts-check
// The table of README.md.
import { columnsOf, figure, ratio } from './table.mjs';

/**
 * @typedef {import('./question.mjs').Row} Row
 * @typedef {import('./question.mjs').Answer} Answer
 *
 * @typedef {object} Results what bench/results/arena.json holds
 * @property {string} date ISO 8601
 * @property {{ model: string, cores: number }} machine
 * @property {{ node: string, v8: string }} versions
 * @property {Answer[]} answers
 */

const OPEN = '<!-- bench:arena -->';
const CLOSE = '<!-- /bench:arena -->';

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
 * Markdown tables of all rows, and the conditions under them.
 * @param {Results} results
 */
export function arenaTable({ date, machine, versions, answers }) {
  const rows = answers.flatMap((answer) => answer.rows);
  const rounds = Math.min(...rows.flatMap((row) => Object.values(row.cells).map((found) => found.rounds)));
  return [
    ...groups(rows).flatMap(table),
    `${machine.model}, ${machine.cores} cores, Node ${versions.node} (V8 ${versions.v8}), ${date.slice(0, 10)}; medians of at ` +
      `least ${rounds} interleaved rounds, garbage collections included; in brackets: how many times freehold's figure. ` +
      'Made by `npm run bench`, which also says how each figure is taken.',
    '',
    'What these figures do not show:',
    '',
    ...answers.flatMap((answer) => answer.doesNotShow.map((text) => `- ${answer.question}: ${text}.`)),
  ].join('\n');
}

/**
 * The text with what lies between the markers replaced.
 * @param {string} text
 * @param {string} table
 * @throws Error when the markers are not there
 */
export function withTable(text, table) {
  const begin = text.indexOf(OPEN);
  const end = text.indexOf(CLOSE);
  if (begin < 0 || end < begin) throw new Error(`there is no ${OPEN} ... ${CLOSE}`);
  return `${text.slice(0, begin + OPEN.length)}\n\n${table}\n\n${text.slice(end)}`;
}
