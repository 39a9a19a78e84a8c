import { type Node, lineOf } from '../ast.ts';
import { isRegion } from '../model/kinds.ts';
import { runCleanup } from './closures.ts';
import type { Engine } from './engine.ts';
import type { State } from './state.ts';
import type { Thing, ThingId } from './value.ts';
import { becauseOf } from './use.ts';

// How things end.

/** Frees what `free()` was given: a second time it is a double free. */
export function free(engine: Engine, state: State, id: ThingId, node: Node): void {
  const thing = state.things.get(id);
  if (thing === undefined || thing.status === 'gone') return;
  if (thing.status !== 'live') {
    engine.voice?.found({
      rule: 'no-double-free',
      node,
      message: `\`${thing.name}\` is freed here, but ${becauseOf(thing)} already.`,
    });
    state.update(id, { status: 'gone' });
    return;
  }
  const owner = thing.owner === undefined ? undefined : state.things.get(thing.owner);
  if (owner?.status === 'live') {
    engine.voice?.found({
      rule: 'no-double-free',
      node,
      message: `\`${thing.name}\` is freed here, but \`${owner.name}\` owns it and frees it again; end \`${owner.name}\` instead.`,
    });
    state.update(id, { status: 'gone' });
    return;
  }
  end(engine, state, id, node, 'it was freed');
}

/** Ends a thing that lives, in the way of its kind. Does nothing to one that does not. Returns the states that this leads to. */
export function end(engine: Engine, state: State, id: ThingId, node: Node, by: string): State[] {
  const thing = state.things.get(id);
  if (thing?.status !== 'live') return [state];
  checkIo(engine, state, thing, node);
  state.update(id, { status: 'freed', at: node, by });
  engine.reporter?.ended(thing.site, node);
  switch (thing.what) {
    case 'handle':
      if (thing.inner !== undefined && state.things.get(thing.inner)?.owner === id)
        end(engine, state, thing.inner, node, `its owner \`${thing.name}\` was disposed`);
      return [state];
    case 'allocator':
      endBlocks(engine, state, id, node, `it ended with \`${thing.name}\`, which was disposed`);
      return [state];
    case 'mark':
      if (thing.from !== undefined) rewind(engine, state, thing.from, thing.birth, node, thing.name);
      return [state];
    case 'scope':
    case 'deferred':
      return endScope(engine, state, thing, node);
    default:
      return [state];
  }
}

function endScope(engine: Engine, state: State, scope: Thing, node: Node): State[] {
  let states = [state];
  for (const cleanup of [...scope.cleanups].reverse()) {
    if (!cleanup.onlyIfFailed || scope.hasFailed)
      states = states.flatMap((each) => runCleanup(engine, each, cleanup, node));
  }
  for (const each of states) {
    for (const thing of [...each.things.values()].reverse()) {
      if (thing.owner === scope.id)
        end(engine, each, thing.id, node, `it ended with \`${scope.name}\`, which owns it`);
    }
  }
  return states;
}

/** Ends what an allocator has handed out. */
export function endBlocks(engine: Engine, state: State, allocator: ThingId, node: Node, by: string): void {
  endSome(engine, state, allocator, 0, node, by);
  // For the summary of the function: what its caller has of it ends, too.
  if (state.things.get(allocator)?.origin === 'outer') state.update(allocator, { by });
}

/** Ends what an allocator has handed out since a mark. */
export function rewind(
  engine: Engine,
  state: State,
  allocator: ThingId,
  birth: number,
  node: Node,
  mark: string,
): void {
  endSome(engine, state, allocator, birth, node, `it ended with the rewind to \`${mark}\``);
}

function endSome(
  engine: Engine,
  state: State,
  allocator: ThingId,
  after: number,
  node: Node,
  by: string,
): void {
  for (const thing of [...state.things.values()]) {
    if (thing.status !== 'live' || thing.birth <= after || !isFrom(state, thing, allocator)) continue;
    if (thing.what === 'pin' || thing.what === 'mark') continue;
    checkIo(engine, state, thing, node);
    checkKept(engine, thing, node, by);
    state.update(thing.id, { status: 'ended', at: node, by, duty: 'none' });
  }
}

/** Whether a thing is memory of an allocator, or of one over it. */
function isFrom(state: State, thing: Thing, allocator: ThingId): boolean {
  let from = thing.from;
  for (let hops = 0; from !== undefined && hops < 5; hops++) {
    if (from === allocator) return true;
    from = state.things.get(from)?.from;
  }
  return false;
}

/** A block of an arena that ends while something that outlives the function still holds it. */
function checkKept(engine: Engine, thing: Thing, node: Node, by: string): void {
  for (const kept of thing.kept) {
    const where = kept.how === 'stored' ? 'is stored here' : 'is captured here by a function that runs later';
    engine.voice?.found({
      rule: 'no-arena-escape',
      node: kept.node,
      message: `\`${thing.name}\` ${where}, but ${by} on line ${lineOf(node)}; promote() what must outlive it.`,
    });
  }
}

/** Memory that node still reads or writes must not end. */
function checkIo(engine: Engine, state: State, thing: Thing, node: Node): void {
  if (thing.io.length === 0 || isPinned(state, thing)) return;
  for (const { node: call, name, isPromise } of thing.io) {
    const remedy = isPromise
      ? 'await it before, or pin the block'
      : 'wait for its callback, or pin the block';
    engine.voice?.found({
      rule: 'no-unpinned-io',
      node: call,
      message: `\`${thing.name}\` ends on line ${lineOf(node)} while ${name}() may still work on it; ${remedy}.`,
      data: { isPromise },
    });
  }
  state.update(thing.id, { io: [] });
}

/** Whether something holds the memory of a thing. */
function isPinned(state: State, thing: Thing): boolean {
  for (const pin of state.things.values()) {
    if (pin.what !== 'pin' || pin.status !== 'live' || pin.from === undefined) continue;
    if (pin.from === thing.id || isFrom(state, thing, pin.from) || thing.inner === pin.from) return true;
  }
  return false;
}

/** Hands a thing over: the program must not use it by this name any more. */
export function moveAway(engine: Engine, state: State, id: ThingId, node: Node, by: string): boolean {
  const thing = state.things.get(id);
  if (thing === undefined || thing.status === 'gone') return false;
  if (thing.status !== 'live') {
    engine.voice?.found({
      rule: 'no-use-after-free',
      node,
      message: `\`${thing.name}\` is handed on here, but ${becauseOf(thing)}.`,
    });
    state.update(id, { status: 'gone' });
    return false;
  }
  // Another has what it owned.
  state.update(id, { status: 'moved', at: node, by, duty: 'none', inner: undefined });
  return true;
}

/** Whether the blocks of an allocator end with it, and are nobody's to free. */
export function isRegionThing(thing: Thing | undefined): boolean {
  return thing?.kind !== undefined && isRegion(thing.kind);
}
