import { ruleOf } from '../rule.ts';
import { suggestAlloc } from '../suggestions.ts';

/** `freehold/check-allocation`: the result of tryAlloc() is used without a test for null. */
export const checkAllocation = ruleOf({
  name: 'check-allocation',
  description: 'The result of tryAlloc() is used without a test for null.',
  suggest: suggestAlloc,
});
