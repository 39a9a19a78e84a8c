import { type Node, pathText, rootOf } from '../ast.ts';
import type { Engine } from './engine.ts';
import type { State } from './state.ts';
import { type Value, thingsIn } from './value.ts';

/** How something gets out of the hands of the analysis. */
export type Escape =
  /** Something got it that may keep it, or free it. */
  | { readonly how: 'lent'; readonly node: Node }
  /** It is in something that outlives the function. */
  | { readonly how: 'stored'; readonly node: Node; readonly place: string | null }
  /** A function that runs later has it. */
  | { readonly how: 'captured'; readonly node: Node }
  /** The caller has it. */
  | { readonly how: 'returned'; readonly node: Node };

/** A value gets out: what is in it is not followed as something to be ended here. */
export function escape(
  engine: Engine,
  state: State,
  value: Value,
  how: Escape,
  seen = new Set<Node>(),
): void {
  if (value.is === 'function') {
    escapeFunction(engine, state, value.node, how, seen);
    return;
  }
  if (value.is === 'bundle') for (const each of value.fields.values()) escape(engine, state, each, how, seen);
  else for (const id of thingsIn(value)) escapeThing(state, id, how, value.is === 'part');
}

function escapeThing(state: State, id: string, how: Escape, isPart: boolean): void {
  const thing = state.things.get(id);
  if (thing === undefined) return;
  const { node } = how;
  switch (how.how) {
    case 'lent':
      state.update(id, { lent: thing.lent ?? node });
      break;
    case 'stored':
    case 'captured': {
      const place = how.how === 'stored' ? how.place : null;
      const kept = [...thing.kept.filter((each) => each.node !== node), { node, how: how.how, place }];
      // Whoever is asked for it later has to end it.
      state.update(id, { kept, lent: thing.lent ?? node, duty: 'none' });
      break;
    }
    case 'returned':
      // A view of a part is no owner; but whoever has it may know what to do.
      state.update(id, isPart ? { lent: thing.lent ?? node } : { duty: 'none' });
      break;
  }
  if (thing.inner !== undefined && thing.what === 'handle') escapeThing(state, thing.inner, how, isPart);
}

/** What a function refers to escapes with it, if it may run when nobody knows. */
function escapeFunction(engine: Engine, state: State, fn: Node, how: Escape, seen: Set<Node>): void {
  if (seen.has(fn)) return;
  seen.add(fn);
  for (const variable of engine.file.capturedBy(fn)) {
    const value = state.vars.get(variable);
    if (value === undefined) {
      const called = engine.file.functionOf(variable);
      if (called !== null && engine.file.isDeclaredIn(variable, engine.root))
        escapeFunction(engine, state, called, how, seen);
    } else if (value.is === 'function') escapeFunction(engine, state, value.node, how, seen);
    else escape(engine, state, value, how.how === 'returned' ? { how: 'lent', node: how.node } : how, seen);
  }
}

/** Whether what is stored at a path of members outlives the function. */
export function outlives(engine: Engine, target: Node): boolean {
  const root = rootOf(target);
  if (root === null) return false;
  if (root.type === 'ThisExpression') return true;
  const variable = engine.file.variableOf(root);
  if (variable === undefined || variable.defs.length === 0) return true;
  return !engine.file.isDeclaredIn(variable, engine.root) || variable.defs[0]?.type === 'Parameter';
}

/** What a container is given is kept as long as the container. */
export function escapeArguments(
  engine: Engine,
  state: State,
  args: readonly Value[],
  container: Node,
  node: Node,
): void {
  const how: Escape = outlives(engine, container)
    ? { how: 'stored', node, place: null }
    : { how: 'returned', node };
  for (const arg of args) escape(engine, state, arg, how);
}

/** Something else is stored at a path now: what was there is not kept any more. */
export function replaceAt(state: State, target: Node): void {
  const place = pathText(target);
  if (place === null) return;
  for (const thing of state.things.values()) {
    if (thing.kept.some((each) => each.place === place))
      state.update(thing.id, { kept: thing.kept.filter((each) => each.place !== place) });
  }
}
