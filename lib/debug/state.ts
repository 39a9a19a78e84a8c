import type { Boundary } from '../call-stack.ts';
import { max } from '../captured.ts';
import { DEFAULTS, type DebugSettings } from './settings.ts';
import { Site } from './site.ts';

// eslint-disable-next-line @typescript-eslint/unbound-method -- does not look at `this`
const { captureStackTrace } = Error;

/** With fewer frames one of the program's may not be among them: `string`, `owned` and the like stand before it. */
const LEAST_FRAMES = 4;

/** What holds for this thread. */
interface State {
  settings: DebugSettings;
  /** Counts down to the next allocation that is recorded. */
  countdown: number;
  /** Recorded is each allocation, or one of so many on average; 0 for none. */
  interval: number;
  /** Whether each allocation is recorded, not a sample of them. */
  recordsAll: boolean;
  /** Whether each site counts what it has ever allocated. */
  countsTotals: boolean;
}

/** As many allocations as are never counted: a small integer, which V8 counts down without a conversion. */
export const NEVER = 2 ** 30;

export const state: State = {
  settings: DEFAULTS,
  countdown: NEVER,
  interval: 0,
  recordsAll: false,
  countsTotals: false,
};

/** Whether each allocation is recorded, not a sample of them. */
export function recordsAll(): boolean {
  return state.recordsAll;
}

/** After an allocation that was recorded: how many pass until the next. A random number, so that no rhythm of the program is missed. */
export function countOn(): void {
  const { interval } = state;
  if (interval > 1) state.countdown = 1 + ((Math.random() * (2 * interval - 1)) | 0);
  else state.countdown = interval === 1 ? 0 : NEVER;
}

/** More calls than the recording of a block goes deep. */
const DEPTH = 60;

/**
 * Where the stack is about to end, that is found out here, before anything is done: no block is lost between its allocator and its
 * record.
 */
export function needStack(): void {
  reach(DEPTH);
}

function reach(calls: number): number {
  return calls === 0 ? 0 : reach(calls - 1) + 1;
}

/**
 * Where `boundary` was called; asked for before anything is done. With `hasStack`, in the middle of something that has found enough.
 *
 * All of it is in this function, and what it calls is left before: V8 walks over each call that lies between, 0.25 us.
 */
export function siteOf(boundary: Boundary, hasStack = false): Site | null {
  if (!hasStack) needStack();
  const { stackFrames } = state.settings;
  if (stackFrames === 0) return null;
  const site = new Site();
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = max(stackFrames, LEAST_FRAMES);
  } catch {
    // The program has frozen Error.
  }
  try {
    captureStackTrace(site, boundary);
  } finally {
    try {
      Error.stackTraceLimit = limit;
    } catch {
      // As before.
    }
  }
  return site;
}
