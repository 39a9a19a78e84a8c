import { ruleOf } from '../rule.ts';

/** `freehold/no-use-after-free`: something is used after it was freed, moved, given away, or ended with its allocator. */
export const noUseAfterFree = ruleOf({
  name: 'no-use-after-free',
  description: 'Something is used after it was freed, moved, given away, or ended with its allocator.',
});
