/** A stack that nobody has looked into yet: that is done when a block turns out to live long, and costs twice as much again. */
export class Site {
  declare readonly stack: unknown;
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
