import { configureDebug, isDebugging } from './debug.ts';

// `freehold/debug`: whoever imports it, by `node --import freehold/debug` for one, has debug mode on.

if (!isDebugging()) configureDebug(true);

export { checkQuarantine } from './check.ts';
export { type DebugStats, debugStats } from './debug-stats.ts';
export { LeaksError, expectNoLeaks } from './expect-no-leaks.ts';
export { FaultError } from './faults.ts';
export { type HeapProfileOptions, heapProfile } from './heap-profile.ts';
export { type LeakReport, type LeakSite, leaks } from './leaks.ts';
export type { DebugOptions } from './settings.ts';
