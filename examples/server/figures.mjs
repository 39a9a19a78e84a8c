// What the server tells the process that started it, over IPC: once that it listens, then figures when asked.
import { PerformanceObserver } from 'node:perf_hooks';

/** How often memory is looked at, in ms: it takes a millisecond. */
const SAMPLE_MS = 250;

/**
 * Sends `hello` to `parent` and answers its messages: 'figures' with GCs, their time and CPU time so far, 'memory' with the peaks of
 * memory. Ends the process when the parent goes away.
 */
export function reportTo(parent, hello) {
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
  const sample = () => (externalPeak = Math.max(externalPeak, process.memoryUsage().external));
  setInterval(sample, SAMPLE_MS).unref();

  const answers = {
    figures() {
      const { user, system } = process.cpuUsage();
      return { gcCount, gcMs, cpuMs: (user + system) / 1000 };
    },
    async memory() {
      sample();
      const rssPeak = process.resourceUsage().maxRSS * 1024;
      // Only now: the service itself needs no more of freehold than its adapter.
      const mappedPeak =
        hello.mode !== 'buffer' ? (await import('freehold')).memoryStats().peak.mappedBytes : 0;
      return { rssPeak, externalPeak: externalPeak + mappedPeak };
    },
  };
  parent.on('message', (question) => {
    // GC entries arrive by a task of their own: let them come in first.
    setImmediate(async () => parent.send(await answers[question]()));
  });
  parent.on('disconnect', () => process.exit(0));
  parent.send(hello);
}
