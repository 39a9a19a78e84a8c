import type { Scope } from 'eslint';

import { type Node, pathText, propertyName, unwrap } from '../ast.ts';
import type { Engine } from './engine.ts';
import { escape, outlives, replaceAt } from './escape.ts';
import { evaluate } from './expressions.ts';
import { memberOf } from './members.ts';
import { isLost } from './scopes.ts';
import type { State } from './state.ts';
import { use } from './use.ts';
import { UNKNOWN, type Value, thingsIn } from './value.ts';

/** A declaration gives names to what its value is. */
export function declare(engine: Engine, target: Node, value: Value, site: Node, state: State): void {
  bind(engine, target, value, site, state, true);
}

/** An assignment to anything: variables, members, patterns. */
export function assign(engine: Engine, target: Node, value: Value, site: Node, state: State): void {
  // While a pattern gives out its parts, the rest of them is not lost.
  state.places.set(HELD, value);
  bind(engine, target, value, site, state, false);
  state.places.delete(HELD);
}

/** No path of members is called so. */
const HELD = '(the right side)';

function bind(
  engine: Engine,
  node: Node,
  value: Value,
  site: Node,
  state: State,
  isDeclaration: boolean,
): void {
  const target = unwrap(node);
  switch (target.type) {
    case 'Identifier': {
      const variable = engine.file.variableOf(target);
      if (variable === undefined)
        escape(engine, state, value, { how: 'stored', node: site, place: target.name });
      else bindVariable(engine, variable, target.name, value, site, state, isDeclaration);
      return;
    }
    case 'MemberExpression':
      store(engine, target, value, site, state);
      return;
    case 'AssignmentPattern':
      bindDefault(engine, target.left, target.right, value, site, state, isDeclaration);
      return;
    case 'RestElement':
      escape(engine, state, value, { how: 'lent', node: site });
      bind(engine, target.argument, UNKNOWN, site, state, isDeclaration);
      return;
    case 'ArrayPattern':
      target.elements.forEach((element, index) => {
        if (element !== null)
          bind(engine, element, fieldOf(value, String(index)), site, state, isDeclaration);
      });
      return;
    case 'ObjectPattern':
      for (const property of target.properties) {
        if (property.type === 'RestElement') {
          bind(engine, property, value, site, state, isDeclaration);
          continue;
        }
        const name = propertyName(property);
        const part = name === null ? UNKNOWN : memberOf(engine, state, value, name, property);
        bind(engine, property.value, part, site, state, isDeclaration);
      }
      return;
    default:
      if ((target.type as string) === 'TSParameterProperty')
        bind(engine, (target as unknown as { parameter: Node }).parameter, value, site, state, isDeclaration);
      else escape(engine, state, value, { how: 'lent', node: site });
  }
}

function fieldOf(value: Value, name: string): Value {
  return value.is === 'bundle' ? (value.fields.get(name) ?? UNKNOWN) : UNKNOWN;
}

function bindDefault(
  engine: Engine,
  target: Node,
  otherwise: Node,
  value: Value,
  site: Node,
  state: State,
  isDeclaration: boolean,
): void {
  // A default that is an allocator says what is meant; what a default may be besides is not known.
  const [result] = value.is === 'thing' ? [] : evaluate(engine, otherwise, state.fork());
  const standIn = result?.value.is === 'thing' ? result.state.things.get(result.value.id) : undefined;
  if (standIn?.origin === 'outer') {
    state.things.set(standIn.id, { ...standIn, kind: 'allocator' });
    bind(engine, target, { is: 'thing', id: standIn.id }, site, state, isDeclaration);
  } else bind(engine, target, value, site, state, isDeclaration);
}

function bindVariable(
  engine: Engine,
  variable: Scope.Variable,
  name: string,
  value: Value,
  site: Node,
  state: State,
  isDeclaration: boolean,
): void {
  const isOuter = !engine.file.isDeclaredIn(variable, engine.root);
  if (!isDeclaration) {
    state.forget(name);
    replaced(engine, variable, name, value, site, state);
    replaceAt(state, { type: 'Identifier', name });
  }
  rename(state, value, name);
  if (isOuter || (isDeclaration && isOfModule(engine, variable)))
    keepOutside(engine, variable, name, value, site, state, isOuter);
  // What functions write that nobody sees run is known to nobody.
  const isPlain = value.is === 'null' || value.is === 'boolean';
  if (isPlain && isWrittenElsewhere(variable)) state.vars.delete(variable);
  else state.vars.set(variable, value);
}

/** Something outside of the function holds it now. */
function keepOutside(
  engine: Engine,
  variable: Scope.Variable,
  name: string,
  value: Value,
  site: Node,
  state: State,
  isOuter: boolean,
): void {
  if (isOuter) {
    escape(engine, state, value, { how: 'stored', node: site, place: name });
    return;
  }
  // Of a module: what lives as long as the process, and what its functions use.
  const isShared = variable.references.some(
    ({ from }) => from.variableScope !== variable.scope.variableScope,
  );
  for (const id of thingsIn(value)) {
    const thing = state.things.get(id);
    if (thing?.what === 'allocator') state.update(id, { duty: 'none' });
    else if (isShared || isExported(variable)) escape(engine, state, value, { how: 'lent', node: site });
  }
}

function isOfModule(engine: Engine, variable: Scope.Variable): boolean {
  return (
    engine.root.type === 'Program' && (variable.scope.type === 'module' || variable.scope.type === 'global')
  );
}

function isExported(variable: Scope.Variable): boolean {
  return variable.defs.some(({ parent }) => {
    const around = (parent as { parent?: Node } | null)?.parent;
    return around?.type === 'ExportNamedDeclaration';
  });
}

function isWrittenElsewhere(variable: Scope.Variable): boolean {
  return variable.references.some(
    (reference) => reference.isWrite() && reference.from.variableScope !== variable.scope.variableScope,
  );
}

/** The first variable that holds a thing names it. */
function rename(state: State, value: Value, name: string): void {
  if (value.is !== 'thing') return;
  const thing = state.things.get(value.id);
  if (thing?.origin === 'made' && !/^[\w$]+$/.test(thing.name)) state.update(value.id, { name });
}

/** What a variable has held is lost when nothing else holds it. */
function replaced(
  engine: Engine,
  variable: Scope.Variable,
  name: string,
  value: Value,
  site: Node,
  state: State,
): void {
  const before = state.vars.get(variable);
  if (before === undefined) return;
  state.vars.delete(variable);
  const reached = state.reachable([value]);
  for (const id of thingsIn(before)) {
    const thing = state.things.get(id);
    if (thing === undefined || reached.has(id) || !isLost(state, thing)) continue;
    engine.voice?.found({
      rule: 'no-reassign-owned',
      node: site,
      message: `\`${name}\` still holds what was allocated on line ${String(thing.site.loc?.start.line)} and never freed; free it before \`${name}\` gets another value.`,
      isStrict: thing.lent !== undefined || thing.duty === 'soft',
      data: { name },
    });
    state.update(id, { status: 'gone' });
  }
}

/** An assignment to a member. */
function store(
  engine: Engine,
  target: Extract<Node, { type: 'MemberExpression' }>,
  value: Value,
  site: Node,
  state: State,
): void {
  if (target.object.type !== 'Super') {
    // The object is evaluated for its uses alone: what it leads to beside this path is not followed.
    const [result] = evaluate(engine, target.object, state);
    if (result !== undefined && result.value.is !== 'bundle')
      use(engine, result.state, result.value, target, 'written to');
  }
  const place = pathText(target);
  if (place !== null) {
    replaceAt(state, target);
    state.forget(place);
    state.places.set(place, value);
  }
  if (outlives(engine, target)) escape(engine, state, value, { how: 'stored', node: site, place });
  else escape(engine, state, value, { how: 'lent', node: site });
}
