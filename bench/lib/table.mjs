// @ts-check
// Plain-text tables: peers across, work down, and behind each figure how many times ours it is.

/**
 * @typedef {import('./question.mjs').Answer} Answer
 * @typedef {import('./question.mjs').Row} Row
 * @typedef {import('./question.mjs').Claim} Claim
 */

/** @param {number} value to three digits: 0.0123, 1.23, 12.3, 123, 12,345 */
export function figure(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** @param {number} value how many times as much */
export function ratio(value) {
  return `${value >= 10 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value < 1 ? 2 : 1)}x`;
}

/**
 * The peers that appear in any row, in the order of their first appearance, the limit last.
 * @param {readonly Row[]} rows
 */
export function columnsOf(rows) {
  const peers = [...new Set(rows.flatMap((row) => Object.keys(row.cells)))];
  const isLimit = (/** @type {string} */ peer) => peer.startsWith('C++');
  return [...peers.filter((peer) => !isLimit(peer)), ...peers.filter(isLimit)];
}

/**
 * @param {Row} row
 * @param {string} peer
 */
export function cellText(row, peer) {
  const cell = row.cells[peer];
  if (!cell) return '';
  const [ours] = Object.keys(row.cells);
  if (peer === ours) return `${figure(cell.median)} ±${Math.round(cell.spread * 100)}%`;
  const base = row.cells[ours].median;
  return base > 0 ? `${figure(cell.median)} ${ratio(cell.median / base)}` : figure(cell.median);
}

/**
 * @param {readonly Row[]} rows
 * @returns {string}
 */
export function tableText(rows) {
  const columns = columnsOf(rows);
  const lines = [
    ['', ...columns],
    ...rows.map((row) => [`${row.title} (${row.unit})`, ...columns.map((peer) => cellText(row, peer))]),
  ];
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) =>
      line.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  '),
    )
    .join('\n');
}

/** @param {readonly Claim[]} claims */
export function claimsText(claims) {
  return claims
    .map(
      ({ text, measured, bound, wanted, met }) =>
        `${met ? 'met   ' : 'MISSED'}  ${text}: ${figure(measured)}, ${bound} ${wanted}`,
    )
    .join('\n');
}

/** @param {Answer} answer */
export function notesText({ question, rows, doesNotShow }) {
  const notes = [...new Set(rows.flatMap(({ title, note }) => (note ? [`${title}: ${note}`] : [])))];
  return [`${question}`, ...notes, ...doesNotShow.map((text) => `not shown: ${text}`)].join('\n  ');
}

/** @param {Answer} answer */
export function printQuestion(answer) {
  console.log([tableText(answer.rows), notesText(answer), claimsText(answer.claims)].join('\n\n'));
}
