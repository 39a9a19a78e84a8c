// @ts-check
// The `benchmark` package over a set of peers: one suite is one round.
import Benchmark from 'benchmark';
import { settle } from './rounds.mjs';

// Short samples with turns of the event loop between them: five of 10 ms hold many garbage collections of any peer that
// makes garbage, and a detached chunk's finalizers (Node 20) get their turn as they do in a server.
const SAMPLING = { async: true, minTime: 0.01, maxTime: 0.05, minSamples: 5 };

/**
 * @param {readonly string[]} order the peers' names
 * @param {Record<string, () => unknown>} peers each does `operations` operations
 * @param {number} operations
 * @returns {Promise<Record<string, number>>} nanoseconds per operation: the mean of the samples, collections included
 */
export async function runSuite(order, peers, operations) {
  await settle();
  return new Promise((resolve, reject) => {
    const suite = new Benchmark.Suite();
    /** @type {Record<string, number>} */
    const times = {};
    for (const name of order) {
      // Nobody pays for the garbage of the one before.
      suite.add(name, peers[name], { ...SAMPLING, onStart: () => globalThis.gc?.() });
    }
    suite.on('cycle', (/** @type {Benchmark.Event} */ { target }) => {
      times[String(target.name)] = (Number(target.stats?.mean) * 1e9) / operations;
    });
    suite.on('error', (/** @type {Benchmark.Event} */ { target }) =>
      reject(/** @type {Benchmark} */ (/** @type {unknown} */ (target)).error),
    );
    suite.on('complete', () => resolve(times));
    suite.run({ async: true });
  });
}
