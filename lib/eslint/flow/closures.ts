import { type FunctionNode, type Node, isFunction, parentOf } from '../ast.ts';
import { type Call, lend } from './calls.ts';
import { DEEPEST, type Engine, type Result, one } from './engine.ts';
import { escape } from './escape.ts';
import { declare } from './patterns.ts';
import { inScope } from './scopes.ts';
import type { State } from './state.ts';
import { executeBody } from './statements.ts';
import { applySummary } from './summaries.ts';
import { type Cleanup, NULL, UNKNOWN, type Value, thingsIn } from './value.ts';

/** Calls a function of this file: follows it, when it has to do with what is followed here; else by what is known of it. */
export function callFunction(engine: Engine, fn: FunctionNode, call: Call): Result[] {
  if (hasFollowed(engine, fn, call.state)) return runFunction(engine, fn, call.args, call.state, call.node);
  const summary = engine.summaries.of(engine, fn, call.args, call.state);
  return summary === null ? lend(engine, call) : applySummary(engine, fn, summary, call);
}

/** Whether a function refers to variables of the function that is analysed, which hold something: then its calls are followed. */
export function hasFollowed(engine: Engine, fn: FunctionNode, state: State): boolean {
  if (!isInside(fn, engine.root)) return false;
  const isProgram = engine.root.type === 'Program';
  return engine.file.capturedBy(fn).some((variable) => {
    const value = state.vars.get(variable);
    if (value !== undefined && thingsIn(value).some((id) => state.things.get(id)?.what !== 'allocator'))
      return true;
    if (isProgram) return false;
    if (variable.scope.type === 'module' || variable.scope.type === 'global') return false;
    return engine.file.isDeclaredIn(variable, engine.root);
  });
}

function isInside(node: Node, root: Node): boolean {
  for (let outer: Node | null = node; outer !== null; outer = parentOf(outer))
    if (outer === root) return true;
  return false;
}

/** Runs a function at the place of its call. */
export function runFunction(
  engine: Engine,
  fn: FunctionNode,
  args: readonly Value[],
  state: State,
  node: Node,
): Result[] {
  if (engine.inlined.length >= DEEPEST || engine.inlined.includes(fn) || fn.generator === true) {
    escape(engine, state, { is: 'function', node: fn }, { how: 'lent', node });
    for (const arg of args) escape(engine, state, arg, { how: 'lent', node });
    return one(state, UNKNOWN);
  }
  engine.inlined.push(fn);
  const outcome = inScope(engine, fn, state, () => {
    fn.params.forEach((param, index) => {
      declare(engine, param, args[index] ?? UNKNOWN, param, state);
    });
    return executeBody(engine, fn.body, state);
  });
  engine.inlined.pop();
  const results: Result[] = outcome.normal.map((after) => ({ state: after, value: NULL }));
  for (const exit of outcome.exits) {
    if (exit.kind === 'return') results.push({ state: exit.state, value: exit.value });
    else if (exit.kind === 'throw') engine.mayThrow(node, exit.state);
  }
  if (fn.async !== true) return results;
  return results.map(({ state: after, value }) => ({ state: after, value: promiseOf(after, value) }));
}

/** The promise of an async function: I/O that it has begun and not awaited is its own business. */
function promiseOf(state: State, value: Value): Value {
  const uses = thingsIn(value).filter((id) => (state.things.get(id)?.io.length ?? 0) > 0);
  return { is: 'promise', uses, result: value };
}

/** Runs what a scope has to do at its end. */
export function runCleanup(engine: Engine, state: State, { fn, args }: Cleanup, node: Node): State[] {
  // Of a round of a loop that is over, its variables are not known any more.
  const isBlind = engine.file
    .capturedBy(fn)
    .some(
      (variable) =>
        !state.vars.has(variable) &&
        engine.file.isDeclaredIn(variable, engine.root) &&
        variable.defs[0]?.type === 'Variable' &&
        variable.scope.type !== 'module' &&
        engine.file.functionOf(variable) === null,
    );
  if (isBlind) return [state];
  return runFunction(engine, fn, args, state, node).map(({ state: after }) => after);
}

/** Runs a function that is given as an argument, at once and once. What is no function of this file gets its arguments. */
export function runArgument(
  engine: Engine,
  fn: Value | undefined,
  args: readonly Value[],
  state: State,
  node: Node,
): Result[] {
  if (fn?.is === 'function' && isFunction(fn.node)) return runFunction(engine, fn.node, args, state, node);
  for (const arg of args) escape(engine, state, arg, { how: 'lent', node });
  return one(state, UNKNOWN);
}
