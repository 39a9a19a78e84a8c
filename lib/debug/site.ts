// Where the program was. Captured as V8 has it, a list of frames, and only looked into when a block turns out to live long, or
// somebody wants to read it: that costs twice as much again.

// eslint-disable-next-line @typescript-eslint/unbound-method -- does not look at `this`
const { captureStackTrace } = Error;

/** Frames of this package that may stand before the program's: `string`, `owned` and the like. */
const OWN_FRAMES = 3;

/** A stack that nobody has looked into yet. It keeps the functions of its frames alive. */
export class Site {
  declare readonly stack: unknown;
}

/** The method of this package that the program called: its frame, and those above, are left out. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- that is what captureStackTrace takes
export type Boundary = Function;

/** Where `boundary` was called from, `frames` deep; null for no frames. */
export function captureSite(frames: number, boundary: Boundary): Site | null {
  if (frames === 0) return null;
  const site = new Site();
  const limit = Error.stackTraceLimit;
  // Not an assignment, which throws where the program has frozen Error.
  Reflect.set(Error, 'stackTraceLimit', frames + OWN_FRAMES);
  try {
    captureStackTrace(site, boundary);
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
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
