// @ts-check
// The same chance for everybody: a seeded generator, and what the benchmarks draw from it.

/**
 * Mulberry32: small, and good enough to choose victims.
 * @param {number} seed
 * @returns {() => number} 0 <= x < 1
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Which of `live` blocks give way, one after the other.
 * @param {number} live
 * @param {number} count
 */
export function victimsOf(live, count, seed = 1) {
  const random = randomFrom(seed);
  return Uint32Array.from({ length: count }, () => Math.floor(random() * live));
}

/**
 * Sizes of which the small ones are as frequent as the large ones: the logarithm is uniform.
 * @param {number} smallest
 * @param {number} largest
 * @param {number} count
 */
export function sizesBetween(smallest, largest, count, seed = 2) {
  const random = randomFrom(seed);
  const ratio = largest / smallest;
  return Uint32Array.from({ length: count }, () => Math.floor(smallest * ratio ** random()));
}
