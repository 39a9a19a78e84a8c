import type { Scope } from 'eslint';

import { type Node, unwrap } from '../ast.ts';
import type { Value } from '../flow/value.ts';

// Which variables are functions of other modules: by `import`, by `require`, and by another name in the same file.

/** What comes from this package. */
const OURS = /^freehold(\/|$)/;
/** The modules of node that matter, by what programs call them. */
const NODES =
  /^(node:)?(fs|fs\/promises|crypto|zlib|assert|assert\/strict|util|process|timers|timers\/promises)$/;

/** The name of a module as this package's tables have it, or null for one that is not known. */
export function moduleOf(specifier: unknown): string | null {
  if (typeof specifier !== 'string') return null;
  if (OURS.test(specifier)) return 'freehold';
  return NODES.test(specifier) ? specifier.replace(/^node:/, '') : null;
}

/** Whether a file names this package at all. */
export function namesUs(text: string): boolean {
  return text.includes('freehold');
}

type Import = Extract<Value, { is: 'import' }>;

/** What an imported variable is; null for every other. */
export function importOf(variable: Scope.Variable): Import | null {
  const definition = variable.defs.at(0);
  if (definition === undefined) return null;
  if (definition.type === 'ImportBinding') return boundBy(definition.node, definition.parent);
  if (definition.type !== 'Variable') return null;
  const { id, init } = definition.node;
  const module = init === null || init === undefined ? null : requiredBy(unwrap(init));
  if (module === null) return null;
  if (id.type === 'Identifier') return { is: 'import', module, name: '*' };
  if (id.type !== 'ObjectPattern') return null;
  for (const property of id.properties) {
    if (property.type !== 'Property' || property.computed || property.key.type !== 'Identifier') continue;
    if (property.value.type === 'Identifier' && property.value.name === variable.name)
      return { is: 'import', module, name: property.key.name };
  }
  return null;
}

function boundBy(
  specifier: Extract<Scope.DefinitionType, { type: 'ImportBinding' }>['node'],
  declaration: Extract<Scope.DefinitionType, { type: 'ImportBinding' }>['parent'],
): Import | null {
  const module = moduleOf(declaration.source.value);
  if (module === null) return null;
  if (specifier.type === 'ImportNamespaceSpecifier') return { is: 'import', module, name: '*' };
  if (specifier.type === 'ImportDefaultSpecifier') return { is: 'import', module, name: '*' };
  const { imported } = specifier;
  return {
    is: 'import',
    module,
    name: imported.type === 'Identifier' ? imported.name : String(imported.value),
  };
}

/** The module that `require('…')` or `await import('…')` loads. */
function requiredBy(node: Node): string | null {
  const call = node.type === 'AwaitExpression' ? node.argument : node;
  if (call.type === 'ImportExpression')
    return call.source.type === 'Literal' ? moduleOf(call.source.value) : null;
  if (call.type !== 'CallExpression' || call.callee.type !== 'Identifier' || call.callee.name !== 'require')
    return null;
  const [specifier] = call.arguments;
  return specifier?.type === 'Literal' ? moduleOf(specifier.value) : null;
}

/** A member of something imported: `fs.promises.writeFile`, `fh.allocate`. */
export function memberOfImport(object: Import, member: string): Value {
  if (object.name === '*') {
    if (object.module === 'fs' && member === 'promises')
      return { is: 'import', module: 'fs/promises', name: '*' };
    return { is: 'import', module: object.module, name: member === 'default' ? '*' : member };
  }
  // `Scope.run`, `RcString.from`, `assert.ok`, which is also what `import { strict }` gives.
  return { is: 'import', module: object.module, name: `${object.name}.${member}` };
}
