// @ts-check
import { existsSync, readFileSync } from 'node:fs';

/** Bytes of this process that are resident now, after a collection. */
export function memory() {
  globalThis.gc?.();
  return process.memoryUsage.rss();
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
