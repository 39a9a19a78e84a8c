import type * as ESTree from 'estree';

import { type Node, isFunction, lineOf, pathText, unwrap } from '../ast.ts';
import { FUNCTIONS, type FunctionModel, type Passed } from '../model/functions.ts';
import { ALLOCATOR_CLASSES, type AllocatorKind, dutyOfBlocks } from '../model/kinds.ts';
import { type Call, borrow, lend } from './calls.ts';
import { runArgument } from './closures.ts';
import { type Engine, type Result, one } from './engine.ts';
import { kindMadeBy, outerAllocator } from './identify.ts';
import { end, endBlocks, free, moveAway } from './lifecycle.ts';
import { materialise } from './materialise.ts';
import { tellUnchecked } from './members.ts';
import type { State } from './state.ts';
import { use } from './use.ts';
import { type Thing, UNKNOWN, type Value, thingsIn } from './value.ts';

/** `new` of a class of this package. */
export function constructOurs(engine: Engine, name: string, call: Call): Result[] {
  const { state, node } = call;
  for (const arg of call.args) use(engine, state, arg, node, 'passed on');
  const allocator = ALLOCATOR_CLASSES.get(name);
  engine.mayThrow(node, state);
  if (allocator !== undefined) {
    const { kind } = allocator;
    // What a module makes lives as long as the process.
    const isOfModule = engine.root.type === 'Program' && engine.inlined.length === 0;
    const duty = isOfModule ? 'none' : allocator.duty;
    return made(engine, state, node, { what: 'allocator', name: `new ${name}()`, kind, duty });
  }
  if (name === 'Scope' || name === 'AsyncScope') {
    // `{ failUnless: 'succeeded' }`
    const hasFailed =
      node.arguments[0]?.type === 'ObjectExpression' && node.arguments[0].properties.length > 0;
    return made(engine, state, node, { what: 'scope', name: `new ${name}()`, hasFailed });
  }
  if (name === 'Deferred' || name === 'AsyncDeferred') return deferred(engine, call);
  return lend(engine, call);
}

/** A call of a function of this package. */
export function callOurs(engine: Engine, name: string, call: Call): Result[] {
  if (name === 'Scope.run' || name === 'AsyncScope.run')
    return runScope(engine, { does: 'scopes', body: 0, passes: 'scope' }, call);
  const model = FUNCTIONS.get(name);
  if (model === undefined) return borrow(engine, call);
  const { state, node, args } = call;
  const [first, second] = args;
  if (first?.is === 'null' && first.from !== undefined) {
    tellUnchecked(engine, first.from, node);
    return [];
  }
  switch (model.does) {
    case 'allocates':
      engine.mayThrow(node, state);
      return made(engine, state, node, { what: 'block', name: `${name}()`, duty: 'hard' });
    case 'reallocates':
      return reallocate(engine, call, { what: 'block', name: `${name}()`, duty: 'hard' });
    case 'frees':
      for (const id of thingsOf(
        engine,
        call,
        name === 'destroy' ? 'struct' : name === 'drop' ? 'handle' : 'block',
      ))
        freeBy(engine, state, id, node, name);
      return one(state, UNKNOWN);
    case 'owned': {
      const from = allocatorOf(state, first);
      engine.mayThrow(node, state);
      return ownedOf(engine, state, node, name, from);
    }
    case 'owns':
      return own(engine, call, name);
    case 'creates': {
      const from = allocatorOf(state, first);
      engine.mayThrow(node, state);
      const duty = from === undefined ? 'soft' : dutyOfBlocks(from.kind ?? 'allocator');
      return made(engine, state, node, { what: 'struct', name: 'create()', from: from?.id, duty });
    }
    case 'gives': {
      const [id] = thingsOf(engine, call, 'handle');
      if (id === undefined) return borrow(engine, call);
      const given = state.thing(id);
      moveAway(engine, state, id, node, 'it was given away');
      const taken = engine.born(state, node, {
        what: 'handle',
        name: given.name,
        inner: given.inner,
        duty: 'none',
      });
      if (given.inner !== undefined) state.update(given.inner, { owner: taken.id });
      return runArgument(engine, second, [{ is: 'thing', id: taken.id }], state, node).map((result) => ({
        state: result.state,
        value: UNKNOWN,
      }));
    }
    case 'lends': {
      if (first !== undefined) use(engine, state, first, node, 'borrowed');
      const [id] = first?.is === 'thing' ? [first.id] : [];
      const inner = id === undefined ? undefined : state.things.get(id)?.inner;
      const borrowed = engine.born(state, node, { what: 'borrow', name: 'the borrow', inner });
      return runArgument(engine, second, [{ is: 'thing', id: borrowed.id }], state, node).map((result) => {
        result.state.things.delete(borrowed.id);
        return result;
      });
    }
    case 'defers':
      return deferred(engine, call);
    case 'hands':
      return one(state, first ?? UNKNOWN);
    case 'inspects':
      return one(state, UNKNOWN);
    case 'marks':
      return one(state, markedOf(node as ESTree.SimpleCallExpression, name));
    case 'scopes':
      return runScope(engine, model, call);
    case 'is allocator':
      return one(state, outerAllocator(state, `${name}()`, model.kind, node));
    case 'wraps': {
      const inner = allocatorOf(state, first);
      const kind = inner?.kind ?? kindMadeBy(engine, node) ?? 'allocator';
      const wrapper = {
        what: 'allocator',
        name: `${name}()`,
        kind: name === 'fallback' ? 'allocator' : kind,
      } as const;
      return made(engine, state, node, { ...wrapper, from: inner?.id });
    }
    case 'names':
      return named(engine, call, model.effect);
  }
}

/** A new thing, as the result of a call. */
export function made(
  engine: Engine,
  state: State,
  node: Node,
  given: Partial<Thing> & Pick<Thing, 'what' | 'name'>,
): Result[] {
  return one(state, { is: 'thing', id: engine.born(state, node, given).id });
}

/** The allocator that an argument is. */
export function allocatorOf(state: State, value: Value | undefined): Thing | undefined {
  const thing = value?.is === 'thing' ? state.things.get(value.id) : undefined;
  return thing?.what === 'allocator' ? thing : undefined;
}

/** The things that the first argument is; something unknown that has a name becomes one. */
export function thingsOf(
  engine: Engine,
  { args, node, state }: Call,
  what: 'block' | 'handle' | 'struct',
): string[] {
  const [first] = args;
  const [argument] = node.arguments;
  if (first === undefined || argument === undefined) return [];
  if (first.is === 'unknown') return materialise(engine, argument, state, what);
  return first.is === 'bundle' ? [] : thingsIn(first);
}

function freeBy(engine: Engine, state: State, id: string, node: Node, name: string): void {
  const thing = state.thing(id);
  // A handle may be disposed twice; a block may not be freed twice.
  if (thing.what !== 'handle') free(engine, state, id, node);
  else if (thing.status === 'moved') use(engine, state, { is: 'thing', id }, node, `given to ${name}()`);
  else end(engine, state, id, node, 'it was dropped');
}

/** A handle that owns a new block. */
function ownedOf(engine: Engine, state: State, node: Node, name: string, from: Thing | undefined): Result[] {
  const duty = from === undefined ? 'soft' : dutyOfBlocks(from.kind ?? 'allocator');
  const block = engine.born(state, node, { what: 'block', name: 'its block', from: from?.id });
  const handle = engine.born(state, node, { what: 'handle', name: `${name}()`, inner: block.id, duty });
  state.update(block.id, { owner: handle.id });
  return one(state, { is: 'thing', id: handle.id });
}

/** A handle that owns something that is there already. */
function own(engine: Engine, call: Call, name: string): Result[] {
  const { state, node, args } = call;
  const [argument] = node.arguments;
  const [first] = args;
  const ids =
    first?.is === 'unknown' && argument !== undefined && pathText(unwrap(argument)) === null
      ? []
      : thingsOf(engine, call, 'block');
  const [id] = ids;
  if (id === undefined) return made(engine, state, node, { what: 'handle', name: `${name}()`, duty: 'hard' });
  use(engine, state, { is: 'thing', id }, node, `given to ${name}()`);
  const { duty } = state.thing(id);
  const handle = engine.born(state, node, {
    what: 'handle',
    name: `${name}()`,
    inner: id,
    duty: duty === 'none' ? 'none' : 'hard',
  });
  state.update(id, { owner: handle.id });
  return one(state, { is: 'thing', id: handle.id });
}

/** A new block in the place of another, which ends. */
export function reallocate(
  engine: Engine,
  call: Call,
  given: Partial<Thing> & Pick<Thing, 'what' | 'name'>,
): Result[] {
  const { state, node } = call;
  engine.mayThrow(node, state);
  for (const id of thingsOf(engine, call, 'block')) {
    use(engine, state, { is: 'thing', id }, node, 'reallocated');
    end(engine, state, id, node, 'it was replaced by realloc');
  }
  return made(engine, state, node, given);
}

function deferred(engine: Engine, { state, args, node }: Call): Result[] {
  const [fn] = args;
  const cleanups = fn?.is === 'function' ? [{ fn: fn.node, args: [], onlyIfFailed: false }] : [];
  return made(engine, state, node, { what: 'deferred', name: 'defer()', cleanups });
}

type Scopes = Extract<FunctionModel, { does: 'scopes' }>;

/** Calls a function with something that ends when it has returned. */
function runScope(engine: Engine, { body, passes }: Scopes, call: Call): Result[] {
  const { state, args, node } = call;
  const fn = args[body];
  const passed = passedTo(engine, state, passes, args, node);
  if (fn?.is !== 'function' || !isFunction(fn.node)) {
    for (const arg of args) use(engine, state, arg, node, 'passed on');
    return one(state, UNKNOWN);
  }
  return runArgument(
    engine,
    fn,
    passed === null ? [] : [{ is: 'thing', id: passed.id }],
    state,
    node,
  ).flatMap(({ state: after, value }): Result[] => {
    const isAsync = value.is === 'promise';
    const inner = isAsync ? value.result : value;
    if (passed === null || passes === 'first argument' || passes === 'heap') return one(after, value);
    if (passes === 'scope')
      return end(engine, after, passed.id, node, 'its function has returned').map((each) => ({
        state: each,
        value,
      }));
    // What is returned is promoted: a copy, which belongs to whoever is outside.
    const isOurs = thingsIn(inner).some((id) => after.things.get(id)?.from === passed.id);
    const copy: Value = isOurs ? UNKNOWN : inner;
    endBlocks(
      engine,
      after,
      passed.id,
      node,
      `it ended with the scope of line ${lineOf(node)}, which was left`,
    );
    after.things.delete(passed.id);
    return one(after, isAsync ? { ...value, result: copy } : copy);
  });
}

function passedTo(
  engine: Engine,
  state: State,
  passes: Passed,
  args: readonly Value[],
  node: Node,
): Thing | null {
  switch (passes) {
    case 'nothing':
      return null;
    case 'first argument':
      return allocatorOf(state, args[0]) ?? null;
    case 'scope':
      return engine.born(state, node, { what: 'scope', name: 'the scope', origin: 'outer' });
    case 'heap':
      return engine.born(state, node, { what: 'allocator', name: 'the heap', kind: 'heap', origin: 'outer' });
    default: {
      const kind: AllocatorKind = passes;
      return engine.born(state, node, {
        what: 'allocator',
        name: 'the arena of the scope',
        kind,
        origin: 'outer',
      });
    }
  }
}

/** A function that `returnsOwnership` or `takesOwnership` makes of another. */
export function markedOf(node: ESTree.SimpleCallExpression, name: string): Value {
  const [fn, ...positions] = node.arguments;
  if (fn === undefined || fn.type === 'SpreadElement') return UNKNOWN;
  const takes = positions.flatMap((each) =>
    each.type === 'Literal' && typeof each.value === 'number' ? [each.value] : [],
  );
  return { is: 'marked', fn, returns: name === 'returnsOwnership', takes };
}

/** About an arena that has a name. */
function named(
  engine: Engine,
  { state, node }: Call,
  effect: 'makes' | 'gets' | 'resets' | 'destroys',
): Result[] {
  const [argument] = node.arguments;
  const name = argument?.type === 'Literal' ? String(argument.value) : '?';
  const arena = outerAllocator(state, `arena "${name}"`, 'arena', node);
  if (arena.is !== 'thing' || effect === 'makes' || effect === 'gets') return one(state, arena);
  if (name !== '?') {
    const verb = effect === 'resets' ? 'was reset' : 'was destroyed';
    endBlocks(engine, state, arena.id, node, `it ended with arena "${name}", which ${verb}`);
  }
  return one(state, UNKNOWN);
}
