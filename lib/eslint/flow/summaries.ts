import { type FunctionNode, type Node, pathText } from '../ast.ts';
import type { Call } from './calls.ts';
import { Engine, type Exit, type Result, one } from './engine.ts';
import { enter } from './entry.ts';
import { escape } from './escape.ts';
import { end, endBlocks, free, moveAway } from './lifecycle.ts';
import type { State } from './state.ts';
import { use } from './use.ts';
import { NULL, type Thing, type ThingId, UNKNOWN, type Value, thingsIn } from './value.ts';

/** What a function does with something that it is given. */
export type Effect = 'borrows' | 'frees' | 'ends' | 'takes' | 'unknown';

/** What a function gives back. */
type Returned =
  | { readonly is: 'unknown' }
  | { readonly is: 'null' }
  | { readonly is: 'parameter'; readonly index: number }
  | { readonly is: 'bundle'; readonly fields: readonly (readonly [string, Returned])[] }
  /** Something new, which may come from an allocator among the parameters. */
  | {
      readonly is: 'new';
      readonly thing: Thing;
      readonly inner: Thing | undefined;
      readonly from: number | ThingId | undefined;
    };

/** What is known of a function, for certain kinds of arguments. */
export interface Summary {
  readonly parameters: readonly Effect[];
  /** Positions whose argument I/O works on while the promise is not settled. */
  readonly io: readonly number[];
  /** What it may give back; more than one when paths differ. */
  readonly returns: readonly Returned[];
  /** Allocators from outside, all of whose blocks it ends. */
  readonly resets: readonly { id: ThingId; site: Thing }[];
  readonly returnsAtAll: boolean;
}

/** What functions of a file do, each found out when it is first called with such arguments. */
export class Summaries {
  readonly #known = new Map<FunctionNode, Map<string, Summary | null>>();

  /** Null for a function that calls itself on the way, or cannot be summed up. */
  of(engine: Engine, fn: FunctionNode, args: readonly Value[], state: State): Summary | null {
    if (fn.generator === true) return null;
    const shapes = args.map((arg) => shapeOf(arg, state));
    const key = shapes.map((shape) => (shape === null ? '-' : `${shape.what}:${shape.kind ?? ''}`)).join();
    let byShape = this.#known.get(fn);
    if (byShape === undefined) this.#known.set(fn, (byShape = new Map<string, Summary | null>()));
    const known = byShape.get(key);
    if (known !== undefined) return known;
    // Who calls itself meets this, and knows nothing yet: what is found then is found with that.
    byShape.set(key, null);
    const summary = summarise(engine, fn, shapes);
    byShape.set(key, summary);
    return summary;
  }
}

function shapeOf(arg: Value, state: State): Thing | null {
  return arg.is === 'thing' ? (state.things.get(arg.id) ?? null) : null;
}

function summarise(caller: Engine, fn: FunctionNode, shapes: readonly (Thing | null)[]): Summary | null {
  const engine = new Engine(caller.file, caller.summaries, null, fn);
  const parameters: (ThingId | null)[] = [];
  const { normal, exits } = enter(engine, fn, (state, index) => {
    const shape = shapes[index] ?? null;
    if (shape === null) return null;
    const name = pathText(fn.params[index]) ?? shape.name;
    const thing = engine.born(state, fn.params[index], {
      what: shape.what,
      kind: shape.kind,
      name,
      origin: 'parameter',
    });
    if (shape.inner !== undefined) {
      const inner = engine.born(state, fn.params[index], {
        what: 'block',
        name: `${name}.value`,
        origin: 'parameter',
        owner: thing.id,
      });
      state.update(thing.id, { inner: inner.id });
    }
    parameters[index] = thing.id;
    return { is: 'thing', id: thing.id };
  });
  if (engine.isExhausted) return null;
  const ends: { state: State; value: Value }[] = normal.map((state) => ({ state, value: NULL }));
  for (const exit of exits) if (exit.kind === 'return') ends.push(exit);
  const effects = shapes.map((_, index) => effectOf(parameters[index] ?? null, ends));
  const io = shapes.flatMap((_, index) => {
    const id = parameters[index];
    return fn.async === true && ends.some(({ state }) => state.things.get(id ?? '')?.didIo === true)
      ? [index]
      : [];
  });
  return {
    parameters: effects,
    io,
    returns: distinct(ends.map(({ state, value }) => returnedOf(state, value, parameters))),
    resets: resetsOf(ends),
    returnsAtAll: ends.length > 0 || !exits.some(isThrow),
  };
}

function isThrow({ kind }: Exit): boolean {
  return kind === 'throw';
}

function effectOf(id: ThingId | null, ends: readonly { state: State; value: Value }[]): Effect {
  if (id === null) return 'borrows';
  const effects = new Set<Effect>();
  for (const { state } of ends) {
    const thing = state.things.get(id);
    if (thing === undefined) effects.add('borrows');
    else if (thing.lent !== undefined || thing.owner !== undefined) effects.add('unknown');
    else if (thing.status === 'freed')
      effects.add(
        thing.what === 'block' || thing.what === 'rc' || thing.what === 'struct' ? 'frees' : 'ends',
      );
    else if (thing.status === 'moved') effects.add('takes');
    else effects.add(thing.status === 'live' ? 'borrows' : 'unknown');
  }
  const [first = 'borrows'] = effects;
  return effects.size > 1 ? 'unknown' : first;
}

function returnedOf(state: State, value: Value, parameters: readonly (ThingId | null)[]): Returned {
  const inner = value.is === 'promise' ? value.result : value;
  if (inner.is === 'null') return { is: 'null' };
  if (inner.is === 'bundle') {
    const fields = [...inner.fields].map(
      ([name, each]) => [name, returnedOf(state, each, parameters)] as const,
    );
    return { is: 'bundle', fields };
  }
  if (inner.is !== 'thing') return { is: 'unknown' };
  const index = parameters.indexOf(inner.id);
  if (index >= 0) return { is: 'parameter', index };
  const thing = state.things.get(inner.id);
  // What something else holds too is not the caller's alone.
  if (thing?.status !== 'live' || thing.origin !== 'made' || thing.lent !== undefined)
    return { is: 'unknown' };
  const from = thing.from === undefined ? -1 : parameters.indexOf(thing.from);
  const owned = thing.inner === undefined ? undefined : state.things.get(thing.inner);
  const isOuter = thing.from !== undefined && state.things.get(thing.from)?.origin === 'outer';
  return { is: 'new', thing, inner: owned, from: from >= 0 ? from : isOuter ? thing.from : undefined };
}

function distinct(returns: readonly Returned[]): Returned[] {
  const found = new Map<string, Returned>();
  for (const each of returns) {
    const key =
      each.is === 'new'
        ? `new ${each.thing.what} ${each.thing.duty}`
        : each.is === 'parameter'
          ? `parameter ${each.index}`
          : each.is;
    found.set(key, each);
  }
  return [...found.values()];
}

/** Allocators of outside that a block was ended with on every path cannot be seen here: those that were reset are marked. */
function resetsOf(ends: readonly { state: State }[]): { id: ThingId; site: Thing }[] {
  const [first] = ends;
  if (first === undefined) return [];
  return [...first.state.things.values()]
    .filter(
      ({ id, origin, by }) =>
        origin === 'outer' && by !== '' && ends.every(({ state }) => state.things.get(id)?.by !== ''),
    )
    .map((site) => ({ id: site.id, site }));
}

/** A call of a function, by what is known of it. */
export function applySummary(engine: Engine, fn: FunctionNode, summary: Summary, call: Call): Result[] {
  const { state, node, args } = call;
  const tags = engine.file.tagsOf(fn);
  const name = pathText(node.callee) ?? 'the function';
  for (const [index, arg] of args.entries()) {
    const param = fn.params[index];
    const isTaken = param?.type === 'Identifier' && tags.takes.has(param.name);
    const effect = isTaken
      ? 'takes'
      : param === undefined || arg.is !== 'thing'
        ? null
        : (summary.parameters[index] ?? null);
    applyEffect(engine, state, arg, effect, name, node);
  }
  for (const { id, site } of summary.resets) {
    if (!state.things.has(id)) state.things.set(id, { ...site, by: '' });
    endBlocks(engine, state, id, node, `it ended with \`${site.name}\`, which ${name}() has reset`);
  }
  engine.mayThrow(node, state);
  if (!summary.returnsAtAll) return [];
  const working = summary.io.flatMap((index) => thingsIn(args[index] ?? UNKNOWN));
  for (const id of working) {
    const thing = state.things.get(id);
    if (thing !== undefined)
      state.update(id, { io: [...thing.io, { node, name, isPromise: true }], didIo: true });
  }
  const options = tags.returns && !summary.returns.some((each) => each.is === 'new') ? null : summary.returns;
  if (options === null) {
    const { id } = engine.born(state, node, { what: 'block', name: `${name}()`, duty: 'hard' });
    return wrap(fn, one(state, { is: 'thing', id }), working);
  }
  if (options.length === 0) return wrap(fn, one(state, UNKNOWN), working);
  const results = options.flatMap((returned, index) => {
    const path = index === options.length - 1 ? state : state.fork();
    return one(path, resultOf(engine, path, returned, call, name));
  });
  return wrap(fn, results, working);
}

function wrap(fn: FunctionNode, results: Result[], uses: readonly ThingId[]): Result[] {
  if (fn.async !== true) return results;
  return results.map(({ state, value }) => ({ state, value: { is: 'promise', uses, result: value } }));
}

function applyEffect(
  engine: Engine,
  state: State,
  arg: Value,
  effect: Effect | null,
  name: string,
  node: Node,
): void {
  if (effect === 'takes') {
    for (const id of thingsIn(arg)) moveAway(engine, state, id, node, `it was given to ${name}()`);
    return;
  }
  if (effect === 'frees') {
    for (const id of thingsIn(arg)) free(engine, state, id, node);
    return;
  }
  if (effect !== 'ends') use(engine, state, arg, node, 'passed on');
  if (effect === 'ends')
    for (const id of thingsIn(arg)) end(engine, state, id, node, `${name}() has ended it`);
  if (effect === 'unknown' || effect === null) escape(engine, state, arg, { how: 'lent', node });
}

function resultOf(engine: Engine, state: State, returned: Returned, call: Call, name: string): Value {
  switch (returned.is) {
    case 'null':
      return NULL;
    case 'parameter':
      return call.args[returned.index] ?? UNKNOWN;
    case 'unknown':
      return UNKNOWN;
    case 'bundle': {
      const fields = returned.fields.map(
        ([key, each]) => [key, resultOf(engine, state, each, call, name)] as const,
      );
      return { is: 'bundle', fields: new Map(fields) };
    }
    case 'new': {
      const { thing, inner, from } = returned;
      const source = typeof from === 'number' ? thingsIn(call.args[from] ?? UNKNOWN)[0] : from;
      const owned =
        inner === undefined
          ? undefined
          : engine.born(state, call.node, { what: inner.what, name: 'its block' });
      const { what, kind, duty, handles } = thing;
      const born = engine.born(state, call.node, {
        what,
        kind,
        duty,
        handles,
        name: `${name}()`,
        from: source,
        inner: owned?.id,
      });
      if (owned !== undefined) state.update(owned.id, { owner: born.id });
      return { is: 'thing', id: born.id };
    }
  }
}
