// @ts-check
// What a bench file hands over, and how: it is a program of its own, so that no question runs on heap, feedback or
// optimised code that another one left behind.
import { printQuestion } from './table.mjs';

/**
 * @typedef {import('./statistics.mjs').Cell} Cell
 *
 * @typedef {object} Row
 * @property {string} title what was measured
 * @property {string} unit
 * @property {string} [note] the conditions, such as the size of the chunk
 * @property {{ what: string, work: string, live: number }} [point] of a curve over the number of live blocks
 * @property {Record<string, Cell>} cells by peer; the first one is freehold
 *
 * @typedef {object} Claim a ratio that this project promises
 * @property {string} text
 * @property {number} measured
 * @property {number} wanted
 * @property {'at least' | 'at most'} bound
 * @property {boolean} met
 *
 * @typedef {object} Answer
 * @property {string} question
 * @property {Row[]} rows
 * @property {Claim[]} claims
 * @property {string[]} doesNotShow
 */

/** The column that all others are compared with. */
export const OURS = 'freehold';

/**
 * @param {string} text
 * @param {number} measured
 * @param {'at least' | 'at most'} bound
 * @param {number} wanted
 * @returns {Claim}
 */
export function claim(text, measured, bound, wanted) {
  return {
    text,
    measured,
    bound,
    wanted,
    met: bound === 'at least' ? measured >= wanted : measured <= wanted,
  };
}

/**
 * Sends the answer to scripts/bench.mjs, or prints it when the file was started by hand.
 * @param {Answer} answer
 */
export function report(answer) {
  if (process.send) process.send(answer);
  else printQuestion(answer);
}
