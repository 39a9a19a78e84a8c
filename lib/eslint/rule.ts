import type { Rule } from 'eslint';

import { analysisOf } from './analysis.ts';
import type { Finding, RuleName } from './findings.ts';

/** What a rule adds to what the analysis has found. */
export interface RuleText {
  readonly name: RuleName;
  readonly description: string;
  /** Changes that the editor may offer for a finding. */
  readonly suggest?: (finding: Finding, context: Rule.RuleContext) => Rule.SuggestionReportDescriptor[];
  /** Whether the rule has the option `certain`. */
  readonly hasCertain?: boolean;
}

/** What rules may be told. */
interface Options {
  /** False: also what may have been taken by a call that nothing is known of. Default: true. */
  readonly certain?: boolean;
}

/** Where the pages of the rules are: in the package itself. */
const PAGES = new URL('../../docs/eslint/', import.meta.url);

/** A rule that tells what the analysis of the file has found for it. */
export function ruleOf({ name, description, suggest, hasCertain = false }: RuleText): Rule.RuleModule {
  return {
    meta: {
      type: 'problem',
      docs: { description, url: new URL(`${name}.md`, PAGES).href },
      hasSuggestions: suggest !== undefined,
      schema: hasCertain
        ? [{ type: 'object', properties: { certain: { type: 'boolean' } }, additionalProperties: false }]
        : [],
      ...(hasCertain ? { defaultOptions: [{ certain: true }] } : {}),
      messages: { found: '{{message}}' },
    },
    create(context) {
      const { certain = true } = (context.options[0] ?? {}) as Options;
      const { analysis, isNew } = analysisOf(context.sourceCode);
      const listener: Rule.RuleListener = {
        'Program:exit'() {
          for (const finding of analysis.findingsOf(name)) {
            if (finding.isStrict === true && certain) continue;
            context.report({
              node: finding.node,
              messageId: 'found',
              data: { message: finding.message },
              suggest: suggest?.(finding, context) ?? [],
            });
          }
        },
      };
      // The first of the rules hears for all of them which code paths there are.
      return isNew ? { ...listener, onCodePathStart: (_path, node) => analysis.add(node) } : listener;
    },
  };
}
