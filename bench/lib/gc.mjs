// @ts-check
// Garbage collections of a stretch of time, as V8 reports them to PerformanceObserver: the stops of the main thread.
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

/** @type {{ startTime: number, duration: number }[]} */
let collections = [];
const observer = new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) collections.push({ startTime, duration });
});

/**
 * Runs `work` and tells how often and how long it was stopped for collections.
 *
 * @param {() => Promise<void>} work
 * @returns {Promise<{ count: number, milliseconds: number }>}
 */
export async function countCollections(work) {
  collections = [];
  observer.observe({ entryTypes: ['gc'] });
  const begin = performance.now();
  await work();
  const end = performance.now();
  // The entries of the last collections are delivered in a later turn.
  await turn();
  await turn();
  observer.disconnect();
  const inside = collections.filter(({ startTime }) => startTime >= begin && startTime <= end);
  return { count: inside.length, milliseconds: inside.reduce((sum, { duration }) => sum + duration, 0) };
}
