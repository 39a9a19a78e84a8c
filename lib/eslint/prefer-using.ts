import type * as ESTree from 'estree';

import { type Node, isFunction, lineOf, parentOf, unwrap } from './ast.ts';
import type { Reporter } from './findings.ts';
import type { FileContext } from './flow/file.ts';

/** Finds what is declared, used, and ended by hand at the end of the same block: `using` does that, also when something throws. */
export function preferUsing(file: FileContext, reporter: Reporter): void {
  for (const [site, ends] of reporter.ends) {
    const [end, ...others] = ends;
    if (end === undefined || others.length > 0) continue;
    const declaration = declarationOf(site);
    if (declaration === null || !isPlain(file, declaration)) continue;
    const statement = parentOf(end);
    if (statement?.type !== 'ExpressionStatement' || !isAtEnd(declaration, statement)) continue;
    const name = (declaration.declarations[0]?.id as ESTree.Identifier).name;
    reporter.found({
      rule: 'prefer-using',
      node: declaration,
      message: `\`${name}\` is ended by hand on line ${lineOf(end)}; \`using ${name}\` ends it whatever happens before, also when something throws.`,
      data: { name, site: statement },
    });
  }
}

/** `const page = …`, with nothing else in it. */
function declarationOf(site: Node): ESTree.VariableDeclaration | null {
  const declarator = parentOf(site);
  if (declarator?.type !== 'VariableDeclarator' || declarator.init === null || declarator.init === undefined)
    return null;
  if (unwrap(declarator.init) !== site || declarator.id.type !== 'Identifier') return null;
  const declaration = parentOf(declarator);
  if (declaration?.type !== 'VariableDeclaration' || declaration.declarations.length !== 1) return null;
  return declaration.kind === 'const' ? declaration : null;
}

/** Whether nothing hands the variable on: it is neither returned nor part of something else. */
function isPlain(file: FileContext, declaration: ESTree.VariableDeclaration): boolean {
  const id = declaration.declarations[0]?.id;
  const variable = id === undefined ? undefined : file.variableOf(id);
  return (
    variable?.references.every(({ identifier }) => {
      const around = parentOf(identifier as Node);
      return (
        around?.type !== 'ReturnStatement' &&
        around?.type !== 'Property' &&
        around?.type !== 'ArrayExpression' &&
        !isFunction(around)
      );
    }) ?? false
  );
}

/** Whether a statement is the last thing that happens in the block of a declaration, but for other ends and a simple return. */
function isAtEnd(declaration: Node, statement: Node): boolean {
  const block = parentOf(declaration);
  if (block?.type !== 'BlockStatement' && block?.type !== 'Program') return false;
  const body: readonly Node[] = block.body;
  const around = parentOf(statement);
  if (around === block) return body.slice(body.indexOf(statement) + 1).every(isTrivial);
  // In the `finally` of a `try` that follows.
  const attempt = around === null ? null : parentOf(around);
  if (attempt?.type !== 'TryStatement' || attempt.finalizer !== around || parentOf(attempt) !== block)
    return false;
  const between = body.slice(body.indexOf(declaration) + 1, body.indexOf(attempt));
  return attempt.handler === null && between.every(({ type }) => type === 'VariableDeclaration');
}

function isTrivial(statement: Node): boolean {
  if (statement.type === 'ReturnStatement') {
    const { argument } = statement;
    return (
      argument === null ||
      argument === undefined ||
      argument.type === 'Identifier' ||
      argument.type === 'Literal'
    );
  }
  return (
    statement.type === 'ExpressionStatement' &&
    statement.expression.type === 'CallExpression' &&
    statement.expression.arguments.length < 2 &&
    endsSomething(statement.expression)
  );
}

function endsSomething(call: ESTree.SimpleCallExpression): boolean {
  const { callee } = call;
  const name =
    callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
      ? callee.property.name
      : callee.type === 'Identifier'
        ? callee.name
        : '';
  return ['free', 'dispose', 'release', 'destroy', 'drop', 'end'].includes(name);
}
