import { isFunction } from '../ast.ts';
import { dutyOfBlocks } from '../model/kinds.ts';
import { METHODS, type MethodModel } from '../model/methods.ts';
import { type Call, borrow } from './calls.ts';
import { runArgument } from './closures.ts';
import type { Engine, Result } from './engine.ts';
import { one } from './engine.ts';
import { end, endBlocks, free, moveAway, rewind } from './lifecycle.ts';
import { tellUnchecked } from './members.ts';
import { allocatorOf, made, reallocate, thingsOf } from './ours.ts';
import { use } from './use.ts';
import { type Thing, UNKNOWN, type Value, thingsIn } from './value.ts';

/** Calls a method of something that is followed. */
export function callMethod(engine: Engine, id: string, name: string, call: Call): Result[] {
  const receiver = call.state.thing(id);
  const model = METHODS[receiver.what].get(name);
  const { state, node, args } = call;
  if (model === undefined) {
    // Any method of a Buffer: it uses what it is given, and is done when it returns.
    use(engine, state, { is: 'thing', id }, node);
    return borrow(engine, call, receiver.what !== 'block' && receiver.what !== 'rc');
  }
  if (model === 'inspects') return one(state, UNKNOWN);
  const [first] = args;
  if (first?.is === 'null' && first.from !== undefined && (model === 'frees' || model === 'reallocates')) {
    tellUnchecked(engine, first.from, node);
    return [];
  }
  if (receiver.what === 'allocator') return callAllocator(engine, receiver, model, name, call);
  if (receiver.what === 'scope') return callScope(engine, receiver, model, call);
  return callOther(engine, receiver, model, name, call);
}

function callAllocator(
  engine: Engine,
  allocator: Thing,
  model: MethodModel,
  name: string,
  call: Call,
): Result[] {
  const { state, node, args } = call;
  const { id } = allocator;
  if (model !== 'ends') use(engine, state, { is: 'thing', id }, node);
  const what = allocator.kind === 'rc heap' || allocator.kind === 'automatic scope' ? 'rc' : 'block';
  const block = {
    what,
    name: `${allocator.name}.${name}()`,
    from: id,
    duty: dutyOfBlocks(allocator.kind ?? 'allocator'),
  } as const;
  switch (model) {
    case 'allocates':
      for (const arg of args) use(engine, state, arg, node, 'passed on');
      engine.mayThrow(node, state);
      return made(engine, state, node, block);
    case 'may allocate': {
      const none = state.fork();
      return [...made(engine, state, node, block), ...one(none, { is: 'null', from: node })];
    }
    case 'reallocates':
      return reallocate(engine, call, block);
    case 'frees':
      for (const freed of thingsOf(engine, call, 'block')) free(engine, state, freed, node);
      return one(state, UNKNOWN);
    case 'ends blocks':
      endBlocks(engine, state, id, node, `it ended with ${allocator.name}.${name}()`);
      return one(state, UNKNOWN);
    case 'rewinds': {
      const mark = args[0]?.is === 'thing' ? state.things.get(args[0].id) : undefined;
      if (mark?.what === 'mark') rewind(engine, state, id, mark.birth, node, mark.name);
      return one(state, UNKNOWN);
    }
    case 'marks':
      return made(engine, state, node, { what: 'mark', name: 'the mark', from: id });
    case 'opens frame':
      return made(engine, state, node, { what: 'allocator', name: 'the frame', kind: 'frame' });
    case 'runs in frame': {
      const frame = engine.born(state, node, { what: 'allocator', name: 'the frame', kind: 'frame' });
      return runArgument(engine, args[0], [{ is: 'thing', id: frame.id }], state, node).map((result) => {
        endBlocks(engine, result.state, frame.id, node, 'it ended with its frame');
        return result;
      });
    }
    case 'promotes':
      return promote(engine, call);
    case 'pins': {
      // Of a pool or heap the first argument is pinned; of an arena all of it.
      const [pinned] = args[0] === undefined ? [id] : thingsIn(args[0]);
      return made(engine, state, node, { what: 'pin', name: 'the pin', from: pinned ?? id, duty: 'hard' });
    }
    case 'runs pinned':
      return runPinned(engine, allocator, call);
    case 'ends':
      return end(engine, state, id, node, 'it was disposed').flatMap((each) => one(each, UNKNOWN));
    default:
      return borrow(engine, call);
  }
}

/** `arena.promote(block, to)`: a copy, of another allocator or of the collector's. */
function promote(engine: Engine, { state, node, args }: Call): Result[] {
  if (args[0] !== undefined) use(engine, state, args[0], node, 'promoted');
  const to = allocatorOf(state, args[1]);
  if (to === undefined) return one(state, UNKNOWN);
  const duty = dutyOfBlocks(to.kind ?? 'allocator');
  return made(engine, state, node, { what: 'block', name: 'promote()', from: to.id, duty });
}

/** `arena.pinned(() => …)`: what is begun in it holds the memory. */
function runPinned(engine: Engine, allocator: Thing, { state, node, args }: Call): Result[] {
  const pin = engine.born(state, node, { what: 'pin', name: 'the pin', from: allocator.id });
  return runArgument(engine, args[0], [], state, node).map(({ state: after, value }) => {
    // The pin is released with the promise, whose end nobody here sees.
    for (const id of thingsIn(value)) after.update(id, { io: [] });
    after.things.delete(pin.id);
    return { state: after, value: { is: 'promise', uses: [], result: UNKNOWN } };
  });
}

function callScope(engine: Engine, scope: Thing, model: MethodModel, call: Call): Result[] {
  const { state, node, args } = call;
  const [first, second] = args;
  const { id } = scope;
  if (model !== 'ends') use(engine, state, { is: 'thing', id }, node);
  switch (model) {
    case 'defers':
    case 'defers if failed': {
      if (first?.is !== 'function' || !isFunction(first.node)) return borrow(engine, call);
      const cleanup = { fn: first.node, args: [], onlyIfFailed: model === 'defers if failed' };
      state.update(id, { cleanups: [...scope.cleanups, cleanup] });
      return one(state, UNKNOWN);
    }
    case 'takes':
      for (const taken of first === undefined ? [] : thingsIn(first)) {
        use(engine, state, { is: 'thing', id: taken }, node, 'given to the scope');
        state.update(taken, { owner: id });
      }
      return one(state, first ?? UNKNOWN);
    case 'adopts':
      if (first !== undefined && second?.is === 'function' && isFunction(second.node)) {
        const cleanup = { fn: second.node, args: [first], onlyIfFailed: false };
        state.update(id, { cleanups: [...scope.cleanups, cleanup] });
      } else
        for (const taken of first === undefined ? [] : thingsIn(first)) state.update(taken, { owner: id });
      return one(state, first ?? UNKNOWN);
    case 'hands out':
      for (const out of first === undefined ? [] : thingsIn(first)) state.update(out, { owner: undefined });
      return one(state, first ?? UNKNOWN);
    case 'transfers': {
      moveAway(engine, state, id, node, 'it was transferred');
      const [to] =
        first?.is === 'thing'
          ? [state.thing(first.id)]
          : [engine.born(state, node, { what: 'scope', name: 'the scope' })];
      for (const thing of state.things.values())
        if (thing.owner === id) state.update(thing.id, { owner: to.id });
      const handedOn = scope.cleanups.filter(({ onlyIfFailed }) => !onlyIfFailed);
      state.update(to.id, { cleanups: [...to.cleanups, ...handedOn] });
      return one(state, { is: 'thing', id: to.id });
    }
    case 'succeeds':
    case 'fails':
      state.update(id, { hasFailed: model === 'fails' });
      return one(state, UNKNOWN);
    case 'ends':
      return end(engine, state, id, node, 'it was disposed').flatMap((each) => one(each, UNKNOWN));
    default:
      return borrow(engine, call);
  }
}

function callOther(engine: Engine, thing: Thing, model: MethodModel, name: string, call: Call): Result[] {
  const { state, node } = call;
  const { id } = thing;
  const itself: Value = { is: 'thing', id };
  switch (model) {
    case 'ends':
      if (thing.what === 'handle' && isBorrowed(engine, thing, call)) return [];
      if (thing.status === 'moved' && !name.startsWith('@@')) use(engine, state, itself, node, 'disposed');
      return end(
        engine,
        state,
        id,
        node,
        name === 'end'
          ? 'it was ended'
          : thing.what === 'pin'
            ? 'it was released'
            : thing.what === 'handle'
              ? 'it was disposed'
              : 'it was freed',
      ).flatMap((each) => one(each, UNKNOWN));
    case 'ends strictly':
      return release(engine, thing, call);
    case 'retains':
      use(engine, state, itself, node, 'retained');
      state.update(id, { handles: thing.handles + 1 });
      return one(state, itself);
    case 'pins':
      use(engine, state, itself, node, 'pinned');
      return made(engine, state, node, { what: 'pin', name: 'the pin', from: id, duty: 'hard' });
    case 'shows part':
      use(engine, state, itself, node);
      return one(state, { is: 'part', of: id });
    case 'cancels':
      state.update(id, { cleanups: [] });
      return one(state, UNKNOWN);
    case 'moves': {
      const isMoved = moveAway(engine, state, id, node, 'it was moved by move()');
      if (!isMoved) return one(state, UNKNOWN);
      const duty = thing.duty === 'none' && thing.origin === 'parameter' ? 'none' : thing.duty;
      const moved = engine.born(state, node, { what: 'handle', name: 'move()', inner: thing.inner, duty });
      if (thing.inner !== undefined) state.update(thing.inner, { owner: moved.id });
      return one(state, { is: 'thing', id: moved.id });
    }
    case 'releases': {
      if (!moveAway(engine, state, id, node, 'it was released by release()')) return one(state, UNKNOWN);
      if (thing.inner === undefined) return one(state, UNKNOWN);
      // From here on it is something to be ended by itself.
      state.update(thing.inner, { owner: undefined, duty: thing.duty, site: node });
      return one(state, { is: 'thing', id: thing.inner });
    }
    case 'lends':
      use(engine, state, itself, node, 'borrowed');
      return made(engine, state, node, {
        what: 'borrow',
        name: 'the borrow',
        inner: thing.inner,
        duty: 'hard',
      });
    default:
      use(engine, state, itself, node);
      return borrow(engine, call, false);
  }
}

/** A handle that is lent cannot be disposed: the call throws, and changes nothing. */
function isBorrowed(engine: Engine, handle: Thing, { state, node }: Call): boolean {
  if (handle.inner === undefined) return false;
  for (const { what, status, inner } of state.things.values()) {
    if (what !== 'borrow' || status !== 'live' || inner !== handle.inner) continue;
    engine.mayThrow(node, state);
    return true;
  }
  return false;
}

/** `rc.release()`: one handle less; beyond the last it is a second free. */
function release(engine: Engine, thing: Thing, { state, node }: Call): Result[] {
  if (thing.status === 'live' && thing.handles > 1) state.update(thing.id, { handles: thing.handles - 1 });
  else free(engine, state, thing.id, node);
  return one(state, UNKNOWN);
}
