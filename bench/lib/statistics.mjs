// @ts-check
// What several rounds say together.

/**
 * @typedef {object} Cell one figure of the table
 * @property {number} median of the rounds
 * @property {number} spread half the interquartile range as a fraction of the median: 0.05 is +-5 %
 * @property {number} min
 * @property {number} max
 * @property {number} rounds
 */

/**
 * The value below which the fraction `p` of `sorted` lies (nearest rank).
 * @param {ArrayLike<number>} sorted ascending, not empty
 * @param {number} p 0..1
 */
export function percentile(sorted, p) {
  const rank = Math.ceil(p * sorted.length) - 1;
  return /** @type {number} */ (sorted[Math.min(Math.max(rank, 0), sorted.length - 1)]);
}

/**
 * @param {readonly number[]} samples one figure per round, not empty
 * @returns {Cell}
 */
export function summarize(samples) {
  const sorted = Float64Array.from(samples).sort();
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  const interquartile = percentile(sorted, 0.75) - percentile(sorted, 0.25);
  return {
    median,
    spread: median === 0 ? 0 : interquartile / 2 / median,
    min: sorted[0],
    max: sorted[sorted.length - 1],
    rounds: sorted.length,
  };
}
