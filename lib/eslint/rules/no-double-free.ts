import { ruleOf } from '../rule.ts';

/** `freehold/no-double-free`: something is freed that was freed before, or that an owner frees. */
export const noDoubleFree = ruleOf({
  name: 'no-double-free',
  description: 'Something is freed that was freed before, or that an owner frees.',
});
