import type * as ESTree from 'estree';

import { type Engine, type Exit, type Outcome, type Sink, sequence } from './engine.ts';
import { declare } from './patterns.ts';
import { inScope } from './scopes.ts';
import { type State, merge } from './state.ts';
import { execute, executeAll } from './statements.ts';
import { UNKNOWN } from './value.ts';

/** Executes `try`, with the paths that leave it in the middle: by `throw`, and by calls that may throw. */
export function executeTry(engine: Engine, node: ESTree.TryStatement, state: State): Outcome {
  const outer = engine.sink;
  const sink: Sink = { exits: [], isCaught: node.handler !== null || outer?.isCaught === true };
  engine.sink = sink;
  const tried = execute(engine, node.block, state);
  engine.sink = outer;
  const { handler, finalizer } = node;
  let outcome: Outcome = { normal: tried.normal, exits: [...tried.exits, ...sink.exits] };
  if (handler !== null && handler !== undefined) {
    if (finalizer !== null && finalizer !== undefined)
      engine.sink = { exits: [], isCaught: outer?.isCaught === true };
    const handled = executeHandler(engine, handler, outcome);
    if (engine.sink !== outer) handled.exits.push(...(engine.sink?.exits ?? []));
    engine.sink = outer;
    outcome = handled;
  }
  if (finalizer === null || finalizer === undefined) return passOn(engine, outcome);
  return passOn(engine, executeFinalizer(engine, finalizer, outcome));
}

/** Calls that throw out of here are heard of by who is around. */
function passOn(engine: Engine, { normal, exits }: Outcome): Outcome {
  const explicit: Exit[] = [];
  for (const exit of exits) {
    if (!exit.isImplicit) explicit.push(exit);
    else engine.sink?.exits.push(exit);
  }
  return { normal, exits: explicit };
}

function executeHandler(engine: Engine, handler: ESTree.CatchClause, { normal, exits }: Outcome): Outcome {
  const thrown: State[] = [];
  const others: Exit[] = [];
  for (const exit of exits) {
    if (exit.kind === 'throw') thrown.push(exit.state);
    else others.push(exit);
  }
  const caught = sequence(merge(thrown), (each) =>
    inScope(engine, handler, each, () => {
      if (handler.param !== null) declare(engine, handler.param, UNKNOWN, handler, each);
      return execute(engine, handler.body, each);
    }),
  );
  return { normal: merge([...normal, ...caught.normal]), exits: [...others, ...caught.exits] };
}

/** Each way out goes through `finally`, and then on its own way, unless that leaves in another. */
function executeFinalizer(
  engine: Engine,
  finalizer: ESTree.BlockStatement,
  { normal, exits }: Outcome,
): Outcome {
  const after = sequence(normal, (each) => execute(engine, finalizer, each));
  const ways = new Map<string, Exit[]>();
  for (const exit of exits) {
    const key = `${exit.kind} ${exit.label ?? ''} ${exit.isImplicit ? 'call' : (exit.node.range?.[0] ?? 0)}`;
    const way = ways.get(key);
    if (way === undefined) ways.set(key, [exit]);
    else way.push(exit);
  }
  const out: Exit[] = [...after.exits];
  for (const way of ways.values()) {
    const isReturn = way[0]?.kind === 'return';
    // Results are different values, which merging would confuse.
    const groups = isReturn ? way.map((exit) => [exit]) : [way];
    for (const group of groups) {
      const [first] = group;
      if (first === undefined) continue;
      for (const state of isReturn ? [first.state] : merge(group.map((exit) => exit.state))) {
        const last = executeAll(engine, [finalizer], [state]);
        out.push(...last.exits);
        for (const each of last.normal) out.push({ ...first, state: each });
      }
    }
  }
  return { normal: after.normal, exits: out };
}
