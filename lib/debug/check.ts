import { lookIntoQuarantine } from './cover.ts';
import { settle } from './raise.ts';

/**
 * Looks now whether somebody has written to freed blocks, which else is found when their memory leaves quarantine, or at exit.
 * Does nothing when debug mode is off.
 *
 * @throws `ERR_FREEHOLD_CORRUPTION` with the history of the block, or what `onError` makes of it.
 *
 * @example
 * ```ts
 * import { checkQuarantine } from 'freehold/debug';
 *
 * checkQuarantine(); // nobody has
 * ```
 */
export function checkQuarantine(): void {
  lookIntoQuarantine();
  settle();
}
