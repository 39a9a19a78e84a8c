import { ruleOf } from '../rule.ts';
import { suggestUsingInstead } from '../suggestions.ts';

/** `freehold/prefer-using`: something is ended by hand that `using` would end, also when something throws. */
export const preferUsing = ruleOf({
  name: 'prefer-using',
  description: 'Something is ended by hand that `using` would end, also when something throws.',
  suggest: suggestUsingInstead,
});
