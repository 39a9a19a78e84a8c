// What the server tells the process that started it, over IPC: once that it listens, then figures when asked.
import { PerformanceObserver } from 'node:perf_hooks';

/** How often memory is looked at, in ms: it takes a millisecond. */
const SAMPLE_MS = 250;

/** Memory outside of V8's heap that JavaScript holds, in bytes: V8's count, and what freehold has mapped. */
function externalBytes(memoryStats) {
  const { external } = process.memoryUsage();
  return external + (memoryStats?.().chunks.mappedBytes ?? 0);
}

/**
 * Sends `hello` to `parent` and answers each message with the figures so far: GCs and their time, CPU time and peaks.
 * Ends the process when the parent goes away.
 */
export async function reportTo(parent, hello) {
  const memoryStats = hello.mode === 'arena' ? (await import('freehold')).memoryStats : undefined;
  let gcCount = 0;
  let gcMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      gcCount++;
      gcMs += entry.duration;
    }
  });
  observer.observe({ entryTypes: ['gc'] });

  let externalPeak = 0;
  const sample = () => (externalPeak = Math.max(externalPeak, externalBytes(memoryStats)));
  setInterval(sample, SAMPLE_MS).unref();

  parent.on('message', () => {
    // GC entries arrive by a task of their own: let them come in first.
    setImmediate(() => {
      sample();
      const { user, system } = process.cpuUsage();
      parent.send({
        gcCount,
        gcMs,
        cpuMs: (user + system) / 1000,
        rssPeak: process.resourceUsage().maxRSS * 1024,
        externalPeak,
      });
    });
  });
  parent.on('disconnect', () => process.exit(0));
  parent.send(hello);
}
