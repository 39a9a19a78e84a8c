import { ruleOf } from '../rule.ts';
import { suggestAwait } from '../suggestions.ts';

/** `freehold/no-unpinned-io`: a block ends while asynchronous I/O may still read or write it. */
export const noUnpinnedIo = ruleOf({
  name: 'no-unpinned-io',
  description: 'A block ends while asynchronous I/O may still read or write it.',
  suggest: suggestAwait,
});
