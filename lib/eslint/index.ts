import { readFileSync } from 'node:fs';

import type { Linter, Rule } from 'eslint';

import type { RuleName } from './findings.ts';
import { RULES } from './rules.ts';

export { type RuleName, RULE_NAMES } from './findings.ts';

/** The plugin: what `plugins: { freehold }` of a flat configuration is given. */
export interface FreeholdPlugin {
  readonly meta: { readonly name: string; readonly version: string; readonly namespace: string };
  readonly rules: Readonly<Record<RuleName, Rule.RuleModule>>;
  readonly configs: { readonly recommended: Linter.Config; readonly strict: Linter.Config };
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The rules, by their ids without `freehold/`. */
export const rules: FreeholdPlugin['rules'] = RULES;

/** What an ESLint plugin says of itself. */
export const meta: FreeholdPlugin['meta'] = { name: 'freehold', version, namespace: 'freehold' };

const configs = { recommended: {}, strict: {} } as {
  recommended: Linter.Config;
  strict: Linter.Config;
};

/**
 * The whole plugin, for configurations that pick rules by themselves.
 *
 * @example
 * ```ts
 * import { Linter } from 'eslint';
 * import { plugin } from 'freehold/eslint';
 *
 * const code = "import { allocate } from 'freehold'; allocate(8);";
 * const [finding] = new Linter().verify(code, plugin.configs.recommended);
 * console.log(finding.ruleId); // freehold/require-ownership
 * ```
 */
export const plugin: FreeholdPlugin = { meta, rules, configs };

const recommended: Linter.RulesRecord = {
  'freehold/no-leak': 'error',
  'freehold/no-double-free': 'error',
  'freehold/no-use-after-free': 'error',
  'freehold/no-arena-escape': 'error',
  'freehold/require-ownership': 'error',
  'freehold/no-conditional-free': 'error',
  'freehold/no-unpinned-io': 'error',
  'freehold/no-reassign-owned': 'error',
  'freehold/check-allocation': 'error',
};

/** What is certain is told in both; `strict` also tells what a call that nothing is known of may have seen to, and asks for `using`. */
const UNCERTAIN = ['no-leak', 'require-ownership', 'no-conditional-free', 'no-reassign-owned'] as const;

// Configurations name the plugin that names them.
Object.assign(configs.recommended, {
  name: 'freehold/recommended',
  plugins: { freehold: plugin },
  rules: recommended,
});
Object.assign(configs.strict, {
  name: 'freehold/strict',
  plugins: { freehold: plugin },
  rules: {
    ...recommended,
    ...Object.fromEntries(UNCERTAIN.map((name) => [`freehold/${name}`, ['error', { certain: false }]])),
    'freehold/prefer-using': 'error',
  },
});

export { configs };

// Flat configurations say `import freehold from 'freehold/eslint'`, as for every plugin.
// eslint-disable-next-line no-restricted-syntax -- the convention of ESLint's plugins
export default plugin;
