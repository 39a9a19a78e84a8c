import type * as ESTree from 'estree';

import type { Node } from '../ast.ts';
import { branch } from './conditions.ts';
import type { Engine, Exit, Outcome } from './engine.ts';
import { escape } from './escape.ts';
import { evaluate } from './expressions.ts';
import { assign, declare } from './patterns.ts';
import { inScope } from './scopes.ts';
import { type State, merge } from './state.ts';
import { endedBy, execute } from './statements.ts';
import { settle } from './io.ts';
import { use } from './use.ts';
import { UNKNOWN } from './value.ts';

type Loop =
  | ESTree.ForStatement
  | ESTree.ForInStatement
  | ESTree.ForOfStatement
  | ESTree.WhileStatement
  | ESTree.DoWhileStatement;

/** Rounds that are followed: by then what a round changes has been seen by the next, and by the one after. */
const MOST_ROUNDS = 4;

/** One round: what it begins with, and the paths that go on to the next test. */
interface Parts {
  readonly test: ((state: State) => { yes: State[]; no: State[] }) | null;
  readonly body: (state: State) => Outcome;
  readonly update: (state: State) => State[];
  readonly testsFirst: boolean;
}

/** Executes a loop until no path brings anything new. */
export function executeLoop(engine: Engine, node: Loop, state: State, label: string | null): Outcome {
  const outcome = inScope(engine, node, state, () => {
    switch (node.type) {
      case 'ForOfStatement':
      case 'ForInStatement':
        return executeEach(engine, node, state, label);
      case 'ForStatement': {
        const { init, test, update } = node;
        const begin =
          init === null || init === undefined
            ? [state]
            : init.type === 'VariableDeclaration'
              ? execute(engine, init, state).normal
              : evaluate(engine, init, state).map(({ state: after }) => after);
        return rounds(begin, label, {
          test: test === null || test === undefined ? null : (each) => branch(engine, test, each),
          body: (each) => execute(engine, node.body, each),
          update: (each) =>
            update === null || update === undefined
              ? [each]
              : evaluate(engine, update, each).map(({ state: after }) => after),
          testsFirst: true,
        });
      }
      default:
        return rounds([state], label, {
          test: (each) => branch(engine, node.test, each),
          body: (each) => execute(engine, node.body, each),
          update: (each) => [each],
          testsFirst: node.type === 'WhileStatement',
        });
    }
  });
  return endedBy(outcome, (exit) => exit.kind === 'break' && (exit.label === null || exit.label === label));
}

function rounds(begin: State[], label: string | null, { test, body, update, testsFirst }: Parts): Outcome {
  // What a round finds out does not hold in the next; what was known before, and no assignment has changed, does.
  const known = new Set(begin.flatMap(({ facts }) => [...facts.keys()]));
  const seen = new Set<string>();
  const done: State[] = [];
  const exits: Exit[] = [];
  let states = begin;
  for (let round = 0; round < MOST_ROUNDS && states.length > 0; round++) {
    const fresh: State[] = [];
    for (const state of merge(states)) {
      if (test === null || (round === 0 && !testsFirst)) {
        fresh.push(state);
        continue;
      }
      const { yes, no } = test(state);
      fresh.push(...yes);
      done.push(...no);
    }
    const next: State[] = [];
    for (const state of merge(fresh)) {
      const key = state.fullKey();
      if (seen.has(key)) continue;
      seen.add(key);
      const outcome = body(state);
      next.push(...outcome.normal);
      for (const exit of outcome.exits) {
        if (exit.kind === 'continue' && (exit.label === null || exit.label === label)) next.push(exit.state);
        else exits.push(exit);
      }
    }
    states = merge(next).flatMap(update);
    for (const { facts } of states) for (const key of facts.keys()) if (!known.has(key)) facts.delete(key);
  }
  if (test !== null) for (const state of merge(states)) done.push(...test(state).no);
  return { normal: merge(done), exits };
}

/** `for (… of …)` and `for (… in …)`: any number of rounds, with something unknown each. */
function executeEach(
  engine: Engine,
  node: ESTree.ForOfStatement | ESTree.ForInStatement,
  state: State,
  label: string | null,
): Outcome {
  const begin = evaluate(engine, node.right, state).map(({ state: after, value }) => {
    use(engine, after, value, node.right, 'iterated over');
    // Who iterates over a literal of blocks has each of them.
    if (value.is === 'bundle') escape(engine, after, value, { how: 'lent', node: node.right });
    return after;
  });
  return rounds(begin, label, {
    test: (each) => ({ yes: [each.fork()], no: [each] }),
    body: (each) => {
      if (node.type === 'ForOfStatement' && node.await) settle(each, UNKNOWN);
      const target: Node = node.left;
      if (target.type === 'VariableDeclaration') {
        for (const { id } of target.declarations) declare(engine, id, UNKNOWN, node, each);
      } else assign(engine, target, UNKNOWN, node, each);
      return execute(engine, node.body, each);
    },
    update: (each) => [each],
    testsFirst: true,
  });
}
