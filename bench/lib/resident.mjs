// @ts-check
import { readFileSync, existsSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';

/**
 * Bytes of this process that are resident now, and those among them that are V8's heap, after a collection.
 * @returns {{ resident: number, javascript: number }}
 */
export function memory() {
  globalThis.gc?.();
  return { resident: process.memoryUsage.rss(), javascript: getHeapStatistics().total_physical_size };
}

/**
 * The most memory that this process ever had resident, in bytes. Not from getrusage where that can be helped: Linux
 * counts what the process was before it became this program.
 */
export function peakResident() {
  const status = '/proc/self/status';
  const found = existsSync(status) && /VmHWM:\s*(\d+) kB/.exec(readFileSync(status, 'utf8'));
  return (found ? Number(found[1]) : process.resourceUsage().maxRSS) * 1024;
}
