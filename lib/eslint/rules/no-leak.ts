import { ruleOf } from '../rule.ts';
import { suggestUsing } from '../suggestions.ts';

/** `freehold/no-leak`: something that was allocated is never freed, disposed or handed on, on some path out of its scope. */
export const noLeak = ruleOf({
  name: 'no-leak',
  description:
    'Something that was allocated is never freed, disposed or handed on, on some path out of its scope.',
  suggest: suggestUsing,
  hasCertain: true,
});
