import { ruleOf } from '../rule.ts';
import { suggestEnding } from '../suggestions.ts';

/** `freehold/no-reassign-owned`: a variable that owns something gets another value. */
export const noReassignOwned = ruleOf({
  name: 'no-reassign-owned',
  description: 'A variable that owns something gets another value.',
  suggest: suggestEnding,
  hasCertain: true,
});
