import { writeSync } from 'node:fs';

/** Prints to stderr at once: the process, or the worker, may be about to end. */
export function say(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Nobody reads it.
  }
}
