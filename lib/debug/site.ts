import type { Boundary } from '../call-stack.ts';
import { max } from '../captured.ts';

// eslint-disable-next-line @typescript-eslint/unbound-method -- does not look at `this`
const { captureStackTrace } = Error;

/** With fewer frames one of the program's may not be among them: `string`, `owned` and the like stand before it. */
const LEAST_FRAMES = 4;

/** A stack that nobody has looked into yet: that is done when a block turns out to live long, and costs twice as much again. */
export class Site {
  declare readonly stack: unknown;
}

/** Where `boundary` was called from, `frames` deep; null for no frames. */
export function captureSite(frames: number, boundary: Boundary): Site | null {
  if (frames === 0) return null;
  const site = new Site();
  // All of it here, and not by `captureStack`: V8 walks over each call that lies between, 0.25 us.
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = max(frames, LEAST_FRAMES);
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

const takeCallSites = (_: unknown, callSites: NodeJS.CallSite[]): NodeJS.CallSite[] => callSites;

/** The frames of a site, as the engine has them. */
export function callSitesOf(site: Site): NodeJS.CallSite[] {
  const prepare = Reflect.get(Error, 'prepareStackTrace') as unknown;
  // The program's own, which may do anything, is asked for its opinion when it makes errors of its own.
  Reflect.set(Error, 'prepareStackTrace', takeCallSites);
  try {
    const { stack } = site;
    return Array.isArray(stack) ? (stack as NodeJS.CallSite[]) : [];
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepare);
  }
}
