// @ts-check
// Rounds of all peers interleaved (A B, B A, A B ...), so that a machine that is slow for a while is slow for all.
import { setImmediate as turn } from 'node:timers/promises';
import { summarize } from './statistics.mjs';

/**
 * @typedef {import('./statistics.mjs').Cell} Cell
 * @typedef {Record<string, number>} Figures what one round of one peer measured, by metric
 * @typedef {Record<string, Record<string, Cell>>} Summary metric -> peer -> figures of all rounds
 * @typedef {{ rounds?: number, warmup?: number }} RoundOptions rounds that count (7), and rounds before that do not (2)
 */

/** Between two peers: nobody pays for the garbage of the one before. */
export async function settle() {
  globalThis.gc?.();
  await turn();
}

/**
 * Calls `round` with the peers' names in turning order and sums up what it returns.
 *
 * @param {readonly string[]} peers
 * @param {(order: readonly string[]) => Promise<Record<string, Figures>>} round one round of every peer
 * @param {RoundOptions} [options]
 * @returns {Promise<Summary>}
 */
export async function repeat(peers, round, { rounds = 7, warmup = 2 } = {}) {
  /** @type {Map<string, Map<string, number[]>>} */
  const samples = new Map();
  const order = [...peers];
  for (let i = -warmup; i < rounds; i++) {
    const figures = await round(order);
    if (i >= 0) peers.forEach((peer) => keep(samples, peer, figures[peer] ?? {}));
    order.reverse();
  }
  return mapValues(samples, (byPeer) => mapValues(byPeer, summarize));
}

/**
 * `repeat` for peers of which each measures itself.
 *
 * @param {Record<string, () => Figures | Promise<Figures>>} peers
 * @param {RoundOptions} [options]
 */
export function interleave(peers, options) {
  return repeat(
    Object.keys(peers),
    async (order) => {
      /** @type {Record<string, Figures>} */
      const figures = {};
      for (const peer of order) {
        await settle();
        figures[peer] = await peers[peer]();
      }
      return figures;
    },
    options,
  );
}

/**
 * Nanoseconds per operation of a synchronous loop.
 *
 * @param {() => unknown} run does `operations` operations
 * @param {number} operations
 * @param {number} [milliseconds] how long it is repeated
 */
export function nanoseconds(run, operations, milliseconds = 20) {
  const start = performance.now();
  let calls = 0;
  let elapsed;
  do {
    run();
    calls++;
    elapsed = performance.now() - start;
  } while (elapsed < milliseconds);
  return (elapsed * 1e6) / (calls * operations);
}

/**
 * @param {Map<string, Map<string, number[]>>} samples
 * @param {string} peer
 * @param {Figures} figures
 */
function keep(samples, peer, figures) {
  for (const [metric, value] of Object.entries(figures)) {
    const byPeer = samples.get(metric) ?? new Map();
    samples.set(metric, byPeer.set(peer, [...(byPeer.get(peer) ?? []), value]));
  }
}

/**
 * @template V, W
 * @param {Map<string, V>} map
 * @param {(value: V) => W} to
 * @returns {Record<string, W>}
 */
function mapValues(map, to) {
  return Object.fromEntries([...map].map(([key, value]) => [key, to(value)]));
}
