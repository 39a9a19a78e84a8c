import { ruleOf } from '../rule.ts';
import { suggestPromote } from '../suggestions.ts';

/** `freehold/no-arena-escape`: a block outlives the arena that it is in: it is returned, stored or captured. */
export const noArenaEscape = ruleOf({
  name: 'no-arena-escape',
  description: 'A block outlives the arena that it is in: it is returned, stored or captured.',
  suggest: suggestPromote,
});
