import { watchArenas } from './arena-debug.ts';
import { reportAtExit } from './at-exit.ts';
import { hearDropped } from './cover.ts';
import { watchFixedBuffers } from './fixed-debug.ts';
import { watchForeignMemory } from './foreign-debug.ts';
import { watchLibraries } from './library-debug.ts';
import { watchLoneBlocks } from './lone-debug.ts';
import { watchPools } from './pool-debug.ts';
import { watchRcHeaps } from './rc-debug.ts';
import { type DebugOptions, intervalOf, readDebugOptions } from './settings.ts';
import { setFrameLimit } from './sites.ts';
import { countOn, state } from './state.ts';
import { tellDropped } from './tell.ts';

let isWatching = false;

/**
 * Switches debug mode on, changes how it works, or with false makes it record no more blocks. What is recorded stays so.
 */
export function configureDebug(options: DebugOptions | boolean): void {
  const settings = readDebugOptions(options, state.settings);
  state.settings = settings;
  setFrameLimit(settings.stackFrames);
  const samples = settings.guard === 'sampled' || settings.record === 'sampled';
  state.interval = options === false ? 0 : intervalOf(settings);
  state.recordsAll = options !== false && !samples;
  state.countsTotals = settings.profile || samples;
  countOn();
  if (options === false || isWatching) return;
  isWatching = true;
  watchArenas();
  watchPools();
  watchLoneBlocks();
  watchRcHeaps();
  watchFixedBuffers();
  watchLibraries();
  watchForeignMemory();
  hearDropped(tellDropped);
  reportAtExit();
}

/** Whether allocations are recorded. */
export function isDebugging(): boolean {
  return state.recordsAll;
}
