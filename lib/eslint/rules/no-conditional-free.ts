import { ruleOf } from '../rule.ts';

/** `freehold/no-conditional-free`: something is freed on some paths only that lead to the same place. */
export const noConditionalFree = ruleOf({
  name: 'no-conditional-free',
  description: 'Something is freed on some paths only that lead to the same place.',
  hasCertain: true,
});
