import type { Rule } from 'eslint';
import type * as ESTree from 'estree';

import { type Node, isFunction, parentOf, rangeOf, unwrap } from './ast.ts';
import type { Finding } from './findings.ts';

// What editors offer to do about a finding. None is done without being asked: each changes what the program does.

type Suggestion = Rule.SuggestionReportDescriptor;

/** The declaration `const page = …` around an expression that is all of its value. */
function declarationOf(site: Node): { declaration: ESTree.VariableDeclaration; name: string } | null {
  let outer = parentOf(site);
  while (outer !== null && outer.type !== 'VariableDeclarator' && unwrap(outer) === site)
    outer = parentOf(outer);
  if (outer?.type !== 'VariableDeclarator' || outer.id.type !== 'Identifier') return null;
  const declaration = parentOf(outer);
  if (declaration?.type !== 'VariableDeclaration' || declaration.declarations.length !== 1) return null;
  return { declaration, name: outer.id.name };
}

/** `const` becomes `using`. */
export function suggestUsing({ node, data }: Finding, context: Rule.RuleContext): Suggestion[] {
  const found = declarationOf(data?.site ?? node);
  if (found === null || found.declaration.kind.endsWith('using')) return [];
  const suggestions: Suggestion[] = [];
  const { declaration, name } = found;
  const keyword = context.sourceCode.getFirstToken(declaration);
  if (keyword !== null && declaration.kind === 'const') {
    suggestions.push({
      desc: `Hold \`${name}\` with \`using\`, which disposes it at the end of its block.`,
      fix: (fixer) => fixer.replaceText(keyword, 'using'),
    });
  }
  suggestions.push({
    desc: `Defer the end of \`${name}\` to the end of its block.`,
    fix: (fixer) => [
      fixer.insertTextAfter(
        declaration,
        `\n${indentOf(declaration, context)}using _${name} = defer(() => ${name}[Symbol.dispose]());`,
      ),
      ...importOf('defer', fixer, context),
    ],
  });
  return suggestions;
}

/** The statement that ended something by hand goes, and `const` becomes `using`. */
export function suggestUsingInstead({ node, data }: Finding, context: Rule.RuleContext): Suggestion[] {
  const keyword = context.sourceCode.getFirstToken(node);
  const statement = data?.site;
  if (keyword === null || statement === undefined) return [];
  return [
    {
      desc: `Hold \`${data?.name ?? 'it'}\` with \`using\` instead.`,
      fix: (fixer) => [fixer.replaceText(keyword, 'using'), fixer.remove(statement)],
    },
  ];
}

/** What is dropped gets a name that `using` holds. */
export function suggestHolding({ node }: Finding): Suggestion[] {
  const statement =
    parentOf(node)?.type === 'AwaitExpression' ? parentOf(parentOf(node) as Node) : parentOf(node);
  if (statement?.type !== 'ExpressionStatement') return [];
  return [
    {
      desc: 'Hold the result with `using`.',
      fix: (fixer) => fixer.insertTextBefore(statement, 'using _ = '),
    },
  ];
}

/** What is returned is copied to where it outlives the arena. */
export function suggestPromote({ node, data }: Finding, context: Rule.RuleContext): Suggestion[] {
  if (node.type !== 'ReturnStatement' || node.argument == null || data?.arena === undefined) return [];
  if (!/^[\w$.#]+$/.test(data.arena) || unwrap(node.argument).type !== 'Identifier') return [];
  const { argument } = node;
  const text = `${data.arena}.promote(${context.sourceCode.getText(argument)})`;
  return [
    {
      desc: `Return a copy that outlives the arena: \`${text}\`.`,
      fix: (fixer) => fixer.replaceText(argument, text),
    },
  ];
}

/** I/O that gives a promise is awaited. */
export function suggestAwait({ node, data }: Finding): Suggestion[] {
  if (data?.isPromise !== true || !isInAsync(node) || parentOf(node)?.type !== 'ExpressionStatement')
    return [];
  return [{ desc: 'Await it.', fix: (fixer) => fixer.insertTextBefore(node, 'await ') }];
}

/** What a variable holds is ended before it gets another value. */
export function suggestEnding({ node, data }: Finding, context: Rule.RuleContext): Suggestion[] {
  const statement = parentOf(node);
  if (statement?.type !== 'ExpressionStatement' || data?.name === undefined) return [];
  const { name } = data;
  return [
    {
      desc: `End what \`${name}\` holds first.`,
      fix: (fixer) =>
        fixer.insertTextBefore(statement, `${name}[Symbol.dispose]();\n${indentOf(statement, context)}`),
    },
  ];
}

/** `tryAlloc` becomes `alloc`, which throws. */
export function suggestAlloc({ data }: Finding): Suggestion[] {
  const call = data?.site;
  if (call?.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return [];
  const { property } = call.callee;
  return [
    {
      desc: 'Use alloc(), which throws instead.',
      fix: (fixer) => fixer.replaceText(property, 'alloc'),
    },
  ];
}

function isInAsync(node: Node): boolean {
  for (let outer = parentOf(node); outer !== null; outer = parentOf(outer))
    if (isFunction(outer)) return outer.async === true;
  return true;
}

function indentOf(node: Node, context: Rule.RuleContext): string {
  const { text } = context.sourceCode;
  const [begin] = rangeOf(node);
  const line = text.slice(text.lastIndexOf('\n', begin - 1) + 1, begin);
  return /^\s*/.exec(line)?.[0] ?? '';
}

/** Adds a name to the import of this package, when there is one without it. */
function importOf(name: string, fixer: Rule.RuleFixer, context: Rule.RuleContext): Rule.Fix[] {
  for (const statement of context.sourceCode.ast.body) {
    if (statement.type !== 'ImportDeclaration' || statement.source.value !== 'freehold') continue;
    if ((statement as { importKind?: string }).importKind === 'type') continue;
    const named = statement.specifiers.filter((each) => each.type === 'ImportSpecifier');
    if (named.some(({ local }) => local.name === name)) return [];
    const last = named.at(-1);
    return last === undefined ? [] : [fixer.insertTextAfter(last, `, ${name}`)];
  }
  return [fixer.insertTextBeforeRange([0, 0], `import { ${name} } from 'freehold';\n`)];
}
