import type { FunctionNode, Node } from '../ast.ts';
import { TYPES } from '../model/kinds.ts';
import type { Engine, Outcome } from './engine.ts';
import { annotatedAs, kindOfParameter, outerAllocator } from './identify.ts';
import { declare } from './patterns.ts';
import { inScope } from './scopes.ts';
import { State } from './state.ts';
import { execute, executeAll, executeBody } from './statements.ts';
import { UNKNOWN, type Value } from './value.ts';

/** Executes a function from its beginning. `given` says what a parameter is; null for what its type and its comment say. */
export function enter(
  engine: Engine,
  fn: FunctionNode,
  given: (state: State, index: number) => Value | null = () => null,
): Outcome {
  const state = new State();
  return inScope(engine, fn, state, () => {
    fn.params.forEach((param, index) => {
      declare(engine, param, given(state, index) ?? parameterOf(engine, fn, param, state), param, state);
    });
    return executeBody(engine, fn.body, state);
  });
}

/** What a parameter is of which only the declaration is known. */
function parameterOf(engine: Engine, fn: FunctionNode, param: Node, state: State): Value {
  const target = param.type === 'AssignmentPattern' ? param.left : param;
  if (target.type !== 'Identifier') return UNKNOWN;
  const kind = kindOfParameter(engine, fn, target.name, target);
  if (kind !== null) return outerAllocator(state, `${target.name}@${target.range?.[0] ?? 0}`, kind, target);
  const tags = engine.file.tagsOf(fn);
  const isTaken = tags.takes.has(target.name);
  const annotated = annotatedAs(engine, target);
  const documented = TYPES.get(tags.types.get(target.name) ?? '');
  const what = annotated ?? documented ?? (isTaken ? { what: 'block' as const } : undefined);
  if (what === undefined) return UNKNOWN;
  const { what: kindOfThing } = what as { what: 'block' | 'handle' };
  const duty = isTaken ? 'hard' : 'none';
  const thing = engine.born(state, target, {
    what: kindOfThing,
    name: target.name,
    duty,
    origin: 'parameter',
  });
  if (kindOfThing === 'handle') {
    const inner = engine.born(state, target, {
      what: 'block',
      name: `${target.name}.value`,
      origin: 'parameter',
      owner: thing.id,
    });
    state.update(thing.id, { inner: inner.id });
  }
  return { is: 'thing', id: thing.id };
}

/** Executes a static block of a class. */
export function enterBlock(engine: Engine, block: Node): Outcome {
  return execute(engine, block, new State());
}

/** Executes a whole file. */
export function enterProgram(engine: Engine, body: readonly Node[], program: Node): Outcome {
  const state = new State();
  return inScope(engine, program, state, () => executeAll(engine, body, [state]));
}
