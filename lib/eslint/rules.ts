import type { Rule } from 'eslint';

import type { RuleName } from './findings.ts';
import { checkAllocation } from './rules/check-allocation.ts';
import { noArenaEscape } from './rules/no-arena-escape.ts';
import { noConditionalFree } from './rules/no-conditional-free.ts';
import { noDoubleFree } from './rules/no-double-free.ts';
import { noLeak } from './rules/no-leak.ts';
import { noReassignOwned } from './rules/no-reassign-owned.ts';
import { noUnpinnedIo } from './rules/no-unpinned-io.ts';
import { noUseAfterFree } from './rules/no-use-after-free.ts';
import { preferUsing } from './rules/prefer-using.ts';
import { requireOwnership } from './rules/require-ownership.ts';

/** All rules, by their ids without the name of the plugin. */
export const RULES: Readonly<Record<RuleName, Rule.RuleModule>> = {
  'no-leak': noLeak,
  'no-double-free': noDoubleFree,
  'no-use-after-free': noUseAfterFree,
  'no-arena-escape': noArenaEscape,
  'require-ownership': requireOwnership,
  'no-conditional-free': noConditionalFree,
  'no-unpinned-io': noUnpinnedIo,
  'no-reassign-owned': noReassignOwned,
  'prefer-using': preferUsing,
  'check-allocation': checkAllocation,
};
