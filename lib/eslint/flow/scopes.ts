import type { Scope } from 'eslint';

import { type Node, endLineOf, lineOf } from '../ast.ts';
import type { Engine, Exit, Outcome } from './engine.ts';
import { escape } from './escape.ts';
import { end } from './lifecycle.ts';
import { type State, merge } from './state.ts';
import { type Thing, type ThingId, type Value, UNKNOWN, thingsIn } from './value.ts';

/** A way out of a scope: all paths that leave it at the same place. */
interface Way {
  readonly kind: Exit['kind'] | 'end';
  readonly node: Node;
  readonly isImplicit: boolean;
}

/** What became of things that went out of reach on one way. */
interface Lost {
  /** How many things there were when the scope began. */
  readonly births: number;
  readonly leaked: Map<ThingId, Thing>;
  readonly freed: Map<ThingId, Thing>;
}

/**
 * Executes what stands in a scope, and then its end, on each way out: what `using` holds is disposed, the variables are gone, and
 * what only they led to is lost. What was there before the scope began, in `state`, may be in the hands of an expression around.
 */
export function inScope(engine: Engine, node: Node, state: State, body: () => Outcome): Outcome {
  const { births } = state;
  const variables = engine.file.variablesOf(node);
  const outer = engine.sink;
  if (outer !== null) engine.sink = { exits: [], isCaught: outer.isCaught };
  const outcome = body();
  const sunk = engine.sink?.exits ?? [];
  engine.sink = outer;
  if (variables.length === 0) {
    outer?.exits.push(...sunk);
    return outcome;
  }
  const left = leave(engine, node, variables, births, outcome);
  for (const exit of sunk)
    outer?.exits.push(...leave(engine, node, variables, births, { normal: [], exits: [exit] }).exits);
  return left;
}

function leave(
  engine: Engine,
  node: Node,
  variables: Scope.Variable[],
  births: number,
  outcome: Outcome,
): Outcome {
  const lost = new Map<string, { way: Way; lost: Lost }>();
  const lostOn = (way: Way): Lost => {
    const key = `${way.kind} ${way.node.range?.join() ?? ''} ${way.isImplicit}`;
    let entry = lost.get(key);
    if (entry === undefined)
      lost.set(key, (entry = { way, lost: { births, leaked: new Map(), freed: new Map() } }));
    return entry.lost;
  };
  const normal: State[] = [];
  for (const state of outcome.normal)
    normal.push(
      ...leaveState(
        engine,
        node,
        variables,
        state,
        UNKNOWN,
        lostOn({ kind: 'end', node, isImplicit: false }),
      ),
    );
  const exits: Exit[] = [];
  for (const exit of outcome.exits) {
    for (const state of leaveState(engine, exit.node, variables, exit.state, exit.value, lostOn(exit), exit))
      exits.push({ ...exit, state });
  }
  for (const { way, lost: these } of lost.values()) tell(engine, way, these);
  return { normal: merge(normal), exits };
}

function leaveState(
  engine: Engine,
  at: Node,
  variables: Scope.Variable[],
  state: State,
  value: Value,
  lost: Lost,
  exit?: Exit,
): State[] {
  if (exit?.kind === 'return' && hasFunction(value))
    escape(engine, state, value, { how: 'returned', node: at });
  let states = [state];
  for (const variable of variables.filter(isUsing).reverse()) {
    states = states.flatMap((each) => {
      const held = each.vars.get(variable);
      if (held?.is !== 'thing') return [each];
      const place = variable.identifiers[0] as Node | undefined;
      return end(engine, each, held.id, place ?? at, `\`using\` ends \`${variable.name}\` with its block`);
    });
  }
  for (const each of states) {
    if (exit?.kind === 'return')
      tellDeadResults(engine, each, thingsIn(value.is === 'promise' ? value.result : value), at);
    keepForCleanups(engine, each, variables, at);
    for (const variable of variables) each.vars.delete(variable);
    for (const variable of variables) each.forget(variable.name);
    collect(engine, each, value, lost);
  }
  return states;
}

/** What a scope that goes on has to do at its end still refers to what these variables hold. */
function keepForCleanups(
  engine: Engine,
  state: State,
  variables: readonly Scope.Variable[],
  node: Node,
): void {
  for (const scope of [...state.things.values()]) {
    if (scope.status !== 'live') continue;
    for (const { fn } of scope.cleanups) {
      for (const variable of engine.file.capturedBy(fn)) {
        const value = state.vars.get(variable);
        if (value !== undefined && variables.includes(variable))
          escape(engine, state, value, { how: 'lent', node });
      }
    }
  }
}

function isUsing(variable: Scope.Variable): boolean {
  const definition = variable.defs.at(0);
  return definition?.type === 'Variable' && definition.parent.kind.endsWith('using');
}

function hasFunction(value: Value): boolean {
  return value.is === 'function' || (value.is === 'bundle' && [...value.fields.values()].some(hasFunction));
}

/** What is returned and has ended on the way out: what was dead before, the `return` has told. */
function tellDeadResults(engine: Engine, state: State, returned: ThingId[], node: Node): void {
  for (const id of returned) {
    const thing = state.things.get(id);
    if (thing === undefined || thing.status === 'live' || thing.status === 'gone') continue;
    const from = thing.from === undefined ? undefined : state.things.get(thing.from);
    if (thing.status === 'ended') {
      engine.voice?.found({
        rule: 'no-arena-escape',
        node,
        message: `\`${thing.name}\` is returned here, but ${thing.by}; return arena.promote(…), or let the caller pass the arena.`,
        data: { arena: from?.name ?? 'arena', name: thing.name },
      });
    } else if (thing.status === 'freed') {
      engine.voice?.found({
        rule: 'no-use-after-free',
        node,
        message: `\`${thing.name}\` is returned here, but ${thing.by}; return move() of a handle, or hold it without \`using\`.`,
      });
    }
    state.update(id, { status: 'gone' });
  }
}

/** What nothing leads to any more is forgotten; what somebody had to end is lost. */
function collect(engine: Engine, state: State, value: Value, lost: Lost): void {
  const reached = state.reachable([value]);
  for (const thing of [...state.things.values()]) {
    if (reached.has(thing.id) || thing.origin === 'outer' || thing.birth <= lost.births) continue;
    if (isLost(state, thing)) lost.leaked.set(thing.id, thing);
    else if (thing.status === 'freed' && thing.duty !== 'none') lost.freed.set(thing.id, thing);
    // What something outlives still has to be compared with the end of its arena; what I/O works on, too.
    else if (thing.status === 'live' && (thing.kept.length > 0 || thing.io.length > 0)) continue;
    // Who sums a function up asks what became of its parameters.
    if (thing.origin === 'made' || engine.reporter !== null) state.things.delete(thing.id);
  }
}

/** Whether somebody had to end a thing, and nobody can any more. */
export function isLost(state: State, thing: Thing): boolean {
  if (thing.status !== 'live' || thing.duty === 'none' || thing.origin === 'outer') return false;
  const owner = thing.owner === undefined ? undefined : state.things.get(thing.owner);
  if (owner !== undefined) return false;
  return thing.what !== 'deferred' && thing.what !== 'mark';
}

function tell(engine: Engine, way: Way, { leaked, freed }: Lost): void {
  for (const [id, thing] of leaked) {
    const other = freed.get(id);
    const isStrict = thing.lent !== undefined || thing.duty === 'soft';
    if (way.isImplicit) {
      // A call that throws out of the function is not told of: every call may. One that is caught is.
      if (engine.sink?.isCaught !== true) continue;
    } else if (other?.at !== undefined) {
      engine.voice?.found({
        rule: 'no-conditional-free',
        node: other.at,
        message: `\`${thing.name}\` is freed here on some paths only: on others it reaches ${placeOf(way)} alive; free it on all, or set it to null and test that.`,
        isStrict,
      });
      continue;
    }
    engine.voice?.leak(thing.site, thing.name, describe(thing), pathOf(way), isStrict);
  }
}

/** What a thing is, in words. */
export function describe(thing: Thing): string {
  switch (thing.what) {
    case 'allocator':
      return thing.kind === undefined
        ? 'an allocator'
        : `${/^[aeiou]/.test(thing.kind) ? 'an' : 'a'} ${thing.kind}`;
    case 'handle':
      return 'an owner';
    case 'rc':
      return 'a counted block';
    case 'struct':
      return 'a struct';
    case 'pin':
      return 'a pin';
    case 'scope':
      return 'a scope';
    case 'borrow':
      return 'a borrow';
    default:
      return thing.from === undefined ? 'a block' : 'a block of an allocator';
  }
}

function placeOf(way: Way): string {
  if (way.kind === 'end') return `the end of the block on line ${endLineOf(way.node)}`;
  return `the ${way.kind} on line ${lineOf(way.node)}`;
}

function pathOf(way: Way): { line: number; text: string } {
  if (way.kind === 'end') {
    const line = endLineOf(way.node);
    return { line, text: `by the end of its block on line ${line}` };
  }
  const line = lineOf(way.node);
  if (way.isImplicit) return { line, text: `because the call on line ${line} throws` };
  return { line, text: `by the ${way.kind} on line ${line}` };
}
