import type { Scope } from 'eslint';
import type * as ESTree from 'estree';

import {
  type FunctionNode,
  type Node,
  isFunction,
  memberName,
  pathText,
  propertyName,
  unwrap,
} from '../ast.ts';
import { FUNCTIONS } from '../model/functions.ts';
import { ALLOCATOR_CLASSES, type AllocatorKind, TYPES } from '../model/kinds.ts';
import { isPooled } from '../model/node-io.ts';
import type { Engine } from './engine.ts';
import { markedOf } from './ours.ts';
import type { State } from './state.ts';
import { NULL, type Thing, UNKNOWN, type Value, makeThing } from './value.ts';

/** What a variable is at a point of the program. */
export function identify(engine: Engine, node: ESTree.Identifier, state: State): Value {
  const { file } = engine;
  const variable = file.variableOf(node);
  if (variable === undefined || variable.defs.length === 0) {
    if (node.name === 'undefined') return NULL;
    return { is: 'import', module: 'global', name: node.name };
  }
  const known = state.vars.get(variable);
  if (known !== undefined) return known;
  const imported = file.importOf(variable);
  if (imported !== null) return imported;
  const fn = file.functionOf(variable);
  if (fn !== null) return { is: 'function', node: fn };
  const alias = aliasOf(variable);
  if (alias !== null) {
    const value = identify(engine, alias, state);
    if (value.is === 'import') return value;
  }
  const made = madeOf(engine, variable, state);
  if (made !== null) return made;
  // What paths disagreed about is not known; what comes from outside may be.
  if (file.isDeclaredIn(variable, engine.root)) return UNKNOWN;
  const kind = outerKind(engine, variable);
  return kind === null ? UNKNOWN : outerAllocator(state, `${node.name}@${positionOf(variable)}`, kind, node);
}

/** `const alloc = allocate`. */
function aliasOf(variable: Scope.Variable): ESTree.Identifier | null {
  const definition = variable.defs.at(0);
  if (definition?.type !== 'Variable' || definition.parent.kind !== 'const') return null;
  const { id, init } = definition.node;
  return id.type === 'Identifier' && init?.type === 'Identifier' ? init : null;
}

/** `const send = takesOwnership(…)`, `const fill = promisify(randomFill)`: a constant function that a known one has made. */
function madeOf(engine: Engine, variable: Scope.Variable, state: State): Value | null {
  const definition = variable.defs.at(0);
  if (definition?.type !== 'Variable' || definition.parent.kind !== 'const') return null;
  const { init } = definition.node;
  if (init?.type !== 'CallExpression') return null;
  const name = nameOfOurs(engine, init.callee);
  if (name === 'returnsOwnership' || name === 'takesOwnership') return markedOf(init, name);
  const [argument] = init.arguments;
  if (init.callee.type !== 'Identifier' || argument?.type !== 'Identifier') return null;
  const callee = identify(engine, init.callee, state);
  if (callee.is !== 'import' || callee.module !== 'util' || callee.name !== 'promisify') return null;
  const promisified = identify(engine, argument, state);
  if (promisified.is !== 'import' || !isPooled(promisified.module, promisified.name)) return null;
  return { is: 'import', module: 'fs/promises', name: promisified.name };
}

/** The kind of allocator that a variable of an outer function, or of the module, holds. */
function outerKind(engine: Engine, variable: Scope.Variable): AllocatorKind | null {
  const constant = kindOfVariable(engine, variable);
  if (constant !== null) return constant;
  const definition = variable.defs.at(0);
  if (definition?.type === 'Parameter' && isFunction(definition.node)) {
    const kind = kindOfParameter(engine, definition.node, variable.name, definition.name);
    if (kind !== null) return kind;
  }
  const identifier = variable.identifiers.at(0);
  return identifier === undefined ? null : kindByType(engine, identifier);
}

/** The kind of allocator that a constant was made as, where it is declared. */
export function kindOfConstant(engine: Pick<Engine, 'file'>, node: ESTree.Identifier): AllocatorKind | null {
  const variable = engine.file.variableOf(node);
  return variable === undefined ? null : kindOfVariable(engine, variable);
}

function kindOfVariable(engine: Pick<Engine, 'file'>, variable: Scope.Variable): AllocatorKind | null {
  const definition = variable.defs.at(0);
  if (definition?.type !== 'Variable') return null;
  const { kind } = definition.parent;
  const { init, id } = definition.node;
  if (kind === 'let' || kind === 'var' || id.type !== 'Identifier' || init == null) return null;
  return kindMadeBy(engine, init);
}

/** The kind that `new Arena()` and the like make, without types; null for anything else. */
export function kindMadeBy(engine: Pick<Engine, 'file'>, expression: Node): AllocatorKind | null {
  const node = unwrap(expression);
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return null;
  const name = nameOfOurs(engine, node.callee);
  if (name === null) return null;
  if (node.type === 'NewExpression') return ALLOCATOR_CLASSES.get(name)?.kind ?? null;
  const model = FUNCTIONS.get(name);
  if (model?.does === 'is allocator') return model.kind;
  if (model?.does === 'names') return 'arena';
  if (model?.does !== 'wraps') return null;
  const [inner] = node.arguments;
  if (name === 'fallback' || inner === undefined) return 'allocator';
  return kindMadeBy(engine, inner) ?? kindByType(engine, inner) ?? 'allocator';
}

/** The name that this package exports what an expression is by, without evaluating it. */
export function nameOfOurs(engine: Pick<Engine, 'file'>, expression: Node): string | null {
  const node = unwrap(expression);
  if (node.type === 'Identifier') {
    const variable = engine.file.variableOf(node);
    const imported = variable === undefined ? null : engine.file.importOf(variable);
    return imported?.is === 'import' && imported.module === 'freehold' ? imported.name : null;
  }
  if (node.type !== 'MemberExpression' || node.object.type === 'Super') return null;
  const object = nameOfOurs(engine, node.object);
  return object === '*' ? memberName(node) : null;
}

/** By the type of a parameter: what its comment says, or an annotation. */
export function kindOfParameter(
  engine: Engine,
  fn: FunctionNode,
  name: string,
  identifier: Node,
): AllocatorKind | null {
  const documented = TYPES.get(engine.file.tagsOf(fn).types.get(name) ?? '');
  return documented?.kind ?? annotatedAs(engine, identifier)?.kind ?? null;
}

/** What the annotation of a variable names, when that was imported from this package. */
export function annotatedAs(
  engine: Engine,
  identifier: Node,
): { readonly what: string; readonly kind?: AllocatorKind; readonly name: string } | null {
  const annotation = (identifier as { typeAnnotation?: { typeAnnotation?: Node } }).typeAnnotation
    ?.typeAnnotation;
  const reference = annotation as { type?: string; typeName?: Node } | undefined;
  if (reference?.type !== 'TSTypeReference' || reference.typeName?.type !== 'Identifier') return null;
  const name = nameOfOurs(engine, reference.typeName);
  const type = name === null ? undefined : TYPES.get(name);
  return type === undefined || name === null ? null : { ...type, name };
}

function kindByType(engine: Pick<Engine, 'file'>, node: Node): AllocatorKind | null {
  const type = engine.file.types?.ofExpression(node);
  if (type === null || type === undefined || type.nullable || type.isPromise) return null;
  return TYPES.get(type.name)?.kind ?? null;
}

/** An allocator from outside of the function: it lives when the function begins, and is not its to end. */
export function outerAllocator(state: State, key: string, kind: AllocatorKind, site: Node): Value {
  const id = `outer ${key}`;
  if (!state.things.has(id)) {
    const name = pathText(site) ?? key;
    state.things.set(id, makeThing({ id, what: 'allocator', kind, site, name, origin: 'outer' }));
  }
  return { is: 'thing', id };
}

/** What an expression of unknown value is by its type, or as a field of the class around it. */
export function allocatorBehind(engine: Engine, expression: Node, state: State): Thing | null {
  const node = unwrap(expression);
  const kind = kindOfField(engine, node) ?? kindByType(engine, node);
  if (kind === null) return null;
  const key = pathText(node) ?? `@${String(node.range?.[0])}`;
  outerAllocator(state, key, kind, node);
  return state.thing(`outer ${key}`);
}

/** `this.#heap`, of which the class says `#heap = new Heap()`, there or in the constructor. */
function kindOfField(engine: Engine, node: Node): AllocatorKind | null {
  if (node.type !== 'MemberExpression' || node.object.type !== 'ThisExpression') return null;
  const name = memberName(node);
  const around = engine.file.classAround(node);
  if (name === null || (around?.type !== 'ClassDeclaration' && around?.type !== 'ClassExpression'))
    return null;
  for (const member of around.body.body) {
    if (member.type === 'PropertyDefinition' && propertyName(member) === name && member.value != null)
      return kindMadeBy(engine, member.value);
    if (member.type !== 'MethodDefinition' || member.kind !== 'constructor') continue;
    for (const statement of member.value.body.body) {
      if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression')
        continue;
      const { left, right } = statement.expression;
      if (
        left.type === 'MemberExpression' &&
        left.object.type === 'ThisExpression' &&
        memberName(left) === name
      )
        return kindMadeBy(engine, right);
    }
  }
  return null;
}

function positionOf(variable: Scope.Variable): number {
  return variable.defs[0]?.name.range?.[0] ?? 0;
}
