import { ruleOf } from '../rule.ts';
import { suggestHolding } from '../suggestions.ts';

/** `freehold/require-ownership`: a result that the caller owns is dropped. */
export const requireOwnership = ruleOf({
  name: 'require-ownership',
  description: 'A result that the caller owns is dropped.',
  suggest: suggestHolding,
  hasCertain: true,
});
