import type * as ESTree from 'estree';

import { type FunctionNode, type Node, isFunction } from '../ast.ts';
import { branch } from './conditions.ts';
import { dropped } from './dropped.ts';
import { type Engine, type Exit, type Outcome, sequence } from './engine.ts';
import { escape } from './escape.ts';
import { escapeCaptured, evaluate } from './expressions.ts';
import { executeLoop } from './loops.ts';
import { declare } from './patterns.ts';
import { inScope } from './scopes.ts';
import { type State, merge } from './state.ts';
import { executeTry } from './tries.ts';
import { use } from './use.ts';
import { NULL, UNKNOWN, type Value } from './value.ts';

const NOWHERE: Outcome = { normal: [], exits: [] };

/** Executes the body of a function, which may be an expression that it returns. */
export function executeBody(engine: Engine, body: FunctionNode['body'], state: State): Outcome {
  if (body.type === 'BlockStatement') return executeAll(engine, body.body, [state]);
  return {
    normal: [],
    exits: evaluate(engine, body, state).map(({ state: after, value }) => ({
      kind: 'return' as const,
      label: null,
      state: after,
      value,
      node: body,
      isImplicit: false,
    })),
  };
}

/** Executes a statement on one path. */
export function execute(engine: Engine, node: Node, state: State): Outcome {
  if (engine.isExhausted) return NOWHERE;
  engine.visited?.add(node);
  switch (node.type) {
    case 'ExpressionStatement':
      return executeExpression(engine, node, state);
    case 'VariableDeclaration':
      return executeDeclaration(engine, node, state);
    case 'BlockStatement':
    case 'StaticBlock':
      return inScope(engine, node, state, () => executeAll(engine, node.body, [state]));
    case 'IfStatement': {
      const { yes, no } = branch(engine, node.test, state);
      const consequent = sequence(yes, (each) => execute(engine, node.consequent, each));
      const { alternate } = node;
      if (alternate === null || alternate === undefined) return join(consequent, { normal: no, exits: [] });
      return join(
        consequent,
        sequence(no, (each) => execute(engine, alternate, each)),
      );
    }
    case 'ReturnStatement': {
      if (node.argument === null || node.argument === undefined)
        return leaving('return', node, [{ state, value: NULL }]);
      const results = evaluate(engine, node.argument, state);
      for (const { state: after, value } of results) {
        use(engine, after, value, node, 'returned');
        dropped(engine, after, value, node.argument, true);
      }
      return leaving('return', node, results);
    }
    case 'ThrowStatement': {
      const results = evaluate(engine, node.argument, state);
      for (const { state: after, value } of results) escape(engine, after, value, { how: 'lent', node });
      return leaving('throw', node, results);
    }
    case 'BreakStatement':
    case 'ContinueStatement':
      return leaving(
        node.type === 'BreakStatement' ? 'break' : 'continue',
        node,
        [{ state, value: UNKNOWN }],
        node.label?.name ?? null,
      );
    case 'LabeledStatement':
      return executeLabeled(engine, node, state);
    case 'TryStatement':
      return executeTry(engine, node, state);
    case 'SwitchStatement':
      return executeSwitch(engine, node, state);
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return executeLoop(engine, node, state, null);
    case 'ClassDeclaration':
      escapeCaptured(engine, node, state);
      return { normal: [state], exits: [] };
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return executeExport(engine, node, state);
    default:
      return { normal: [state], exits: [] };
  }
}

/** Executes statements one after the other. */
export function executeAll(engine: Engine, nodes: readonly Node[], states: State[]): Outcome {
  let normal = states;
  const exits: Exit[] = [];
  for (const node of nodes) {
    if (normal.length === 0) break;
    const outcome = sequence(normal, (each) => execute(engine, node, each));
    ({ normal } = outcome);
    exits.push(...outcome.exits);
  }
  return { normal, exits };
}

/** Two ways that come together again. */
export function join(a: Outcome, b: Outcome): Outcome {
  return { normal: merge([...a.normal, ...b.normal]), exits: [...a.exits, ...b.exits] };
}

function leaving(
  kind: Exit['kind'],
  node: Node,
  results: readonly { state: State; value: Value }[],
  label: string | null = null,
): Outcome {
  return {
    normal: [],
    exits: results.map(({ state, value }) => ({ kind, label, state, value, node, isImplicit: false })),
  };
}

function executeExpression(engine: Engine, node: ESTree.ExpressionStatement, state: State): Outcome {
  const results = evaluate(engine, node.expression, state);
  for (const { state: after, value } of results) dropped(engine, after, value, node.expression);
  return { normal: merge(results.map(({ state: after }) => after)), exits: [] };
}

function executeDeclaration(engine: Engine, node: ESTree.VariableDeclaration, state: State): Outcome {
  let states = [state];
  for (const declarator of node.declarations) {
    const { id, init } = declarator;
    states = merge(
      states.flatMap((each) => {
        if (init === null || init === undefined) {
          // In a `for (const x of …)` the loop says what it is.
          if (node.kind !== 'var') declare(engine, id, NULL, declarator, each);
          return [each];
        }
        return evaluate(engine, init, each).map(({ state: after, value }) => {
          declare(engine, id, value, declarator, after);
          dropped(engine, after, UNKNOWN, init);
          return after;
        });
      }),
    );
  }
  return { normal: states, exits: [] };
}

function executeExport(
  engine: Engine,
  node: ESTree.ExportNamedDeclaration | ESTree.ExportDefaultDeclaration,
  state: State,
): Outcome {
  const declaration = node.declaration as Node | null | undefined;
  if (declaration === null || declaration === undefined) return { normal: [state], exits: [] };
  if (isFunction(declaration)) return { normal: [state], exits: [] };
  if (declaration.type === 'VariableDeclaration' || declaration.type === 'ClassDeclaration')
    return execute(engine, declaration, state);
  const results = evaluate(engine, declaration, state);
  for (const { state: after, value } of results) escape(engine, after, value, { how: 'lent', node });
  return { normal: results.map(({ state: after }) => after), exits: [] };
}

function executeLabeled(engine: Engine, node: ESTree.LabeledStatement, state: State): Outcome {
  const { body } = node;
  const label = node.label.name;
  const outcome =
    body.type.startsWith('For') || body.type.endsWith('WhileStatement')
      ? executeLoop(engine, body as ESTree.WhileStatement, state, label)
      : execute(engine, body, state);
  return endedBy(outcome, (exit) => exit.kind === 'break' && exit.label === label);
}

function executeSwitch(engine: Engine, node: ESTree.SwitchStatement, state: State): Outcome {
  const outcome = inScope(engine, node, state, () => {
    let entering = evaluate(engine, node.discriminant, state).map(({ state: after }) => after);
    let falling: State[] = [];
    const exits: Exit[] = [];
    const hasDefault = node.cases.some(({ test }) => test === null || test === undefined);
    for (const [index, { test, consequent }] of node.cases.entries()) {
      // The last case is the only one left where each possible value has its own.
      const isLast = index === node.cases.length - 1 && hasDefault;
      const here = [...falling, ...entering.map((each) => each.fork())];
      if (test !== null && test !== undefined)
        entering = entering.flatMap((each) => evaluate(engine, test, each).map(({ state: after }) => after));
      const body = executeAll(engine, consequent, merge(here));
      falling = body.normal;
      exits.push(...body.exits);
      if (isLast) entering = [];
    }
    return { normal: merge([...falling, ...(hasDefault ? [] : entering)]), exits };
  });
  return endedBy(outcome, (exit) => exit.kind === 'break' && exit.label === null);
}

/** Some of the exits of a statement lead to its end. */
export function endedBy(outcome: Outcome, isEnd: (exit: Exit) => boolean): Outcome {
  const normal = [...outcome.normal];
  const exits: Exit[] = [];
  for (const exit of outcome.exits) {
    if (isEnd(exit)) normal.push(exit.state);
    else exits.push(exit);
  }
  return { normal: merge(normal), exits };
}
