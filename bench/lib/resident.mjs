// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { freemem } from 'node:os';

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

/** Bytes that the system could give to a process now. Linux has more of them than are free: what it keeps of files goes first. */
export function availableMemory() {
  const info = '/proc/meminfo';
  const found = existsSync(info) && /MemAvailable:\s*(\d+) kB/.exec(readFileSync(info, 'utf8'));
  return found ? Number(found[1]) * 1024 : freemem();
}
