import type { BlockAllocator } from '../block-allocator.ts';
import { configureDebug } from '../debug/debug.ts';
import type { DebugOptions } from '../debug/settings.ts';
import { defaultHeap } from '../default-heap.ts';
import { defaultRcHeap } from '../default-rc-heap.ts';
import { checkChoice, readOptions } from '../validate.ts';
import { defaultArena } from './named-arenas.ts';

/**
 * How memory ends: `'automatic'` when nothing counts on it any more, `'manual'` by `free`, `'arena'` all at once.
 */
export type Strategy = 'automatic' | 'manual' | 'arena';

/** The strategies by name. */
export const STRATEGIES: readonly Strategy[] = ['automatic', 'manual', 'arena'];

/** What {@link configure} takes. */
export interface Configuration {
  /**
   * Where code allocates that runs in no scope. `'automatic'`: {@link defaultRcHeap}; `'manual'`: {@link defaultHeap};
   * `'arena'`: the named arena `'default'`, which lives until it is reset by name. Default: the environment variable
   * `FREEHOLD_STRATEGY`, and without that `'automatic'`.
   */
  strategy?: Strategy;
  /**
   * Debug mode, for all allocators of this thread, those that there are already included: true or options switch it on, options
   * change how it works, false makes it record no more blocks. It is also on with `FREEHOLD_DEBUG=1` in the environment, and with
   * `node --import freehold/debug`. See the guide to debugging. Default: off.
   */
  debug?: DebugOptions | boolean;
}

let strategy: Strategy | undefined;

/**
 * Sets what holds for this thread from now on. Options that are not named stay as they are.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that are not known; nothing changes then.
 *
 * @example
 * ```ts
 * import { configure, currentAllocator, currentStrategy, defaultHeap } from 'freehold';
 * import assert from 'node:assert';
 *
 * configure({ strategy: 'manual' });
 * assert.equal(currentStrategy(), 'manual');
 * assert.equal(currentAllocator(), defaultHeap());
 * ```
 */
export function configure(options: Configuration): void {
  const read = readOptions(options, ['strategy', 'debug'], 'configure');
  const next = read.strategy === undefined ? strategy : checkChoice(read.strategy, STRATEGIES, 'strategy');
  if (read.debug !== undefined) configureDebug(read.debug);
  strategy = next;
}

/** The strategy of code that runs in no scope. Throws when the environment names one that there is not. */
export function defaultStrategy(): Strategy {
  strategy ??= fromEnvironment(process.env.FREEHOLD_STRATEGY);
  return strategy;
}

function fromEnvironment(name: string | undefined): Strategy {
  return name === undefined || name === '' ? 'automatic' : checkChoice(name, STRATEGIES, 'FREEHOLD_STRATEGY');
}

/** What code allocates from that runs in no scope. */
export function defaultAllocator(): BlockAllocator {
  switch (defaultStrategy()) {
    case 'automatic':
      return defaultRcHeap();
    case 'manual':
      return defaultHeap();
    case 'arena':
      return defaultArena();
  }
}
