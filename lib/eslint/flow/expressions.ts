import type * as ESTree from 'estree';

import { type Node, childrenOf, isFunction, isWrapper, propertyName, unwrap, wrapped } from '../ast.ts';
import { branch } from './conditions.ts';
import { evaluateCall } from './calls.ts';
import { type Engine, type Result, mergeResults, one, forEachResult } from './engine.ts';
import { escape } from './escape.ts';
import { identify } from './identify.ts';
import { settle } from './io.ts';
import { evaluateMember } from './members.ts';
import { assign } from './patterns.ts';
import type { State } from './state.ts';
import { use } from './use.ts';
import { FALSE, NULL, TRUE, UNKNOWN, type Value, keyOf, thingsIn } from './value.ts';

/** Evaluates an expression on one path. The state is used up: the results have what became of it. */
export function evaluate(engine: Engine, node: Node, state: State): Result[] {
  if (engine.isExhausted) return one(state, UNKNOWN);
  if (isWrapper(node)) {
    const results = evaluate(engine, wrapped(node), state);
    // `!` says that the program knows better.
    return (node.type as string) === 'TSNonNullExpression'
      ? results.filter(({ value }) => value.is !== 'null')
      : results;
  }
  switch (node.type) {
    case 'Identifier':
      return one(state, identify(engine, node, state));
    case 'Literal':
      if (node.value === null && node.raw === 'null') return one(state, NULL);
      return one(state, typeof node.value === 'boolean' ? (node.value ? TRUE : FALSE) : UNKNOWN);
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return one(state, { is: 'function', node });
    case 'ChainExpression':
      return evaluate(engine, node.expression, state).map((result) => ({
        state: result.state,
        value: result.value,
      }));
    case 'MemberExpression':
      return evaluateMember(engine, node, state);
    case 'CallExpression':
    case 'NewExpression':
      return mergeResults(evaluateCall(engine, node, state), keyOf);
    case 'AssignmentExpression':
      return evaluateAssignment(engine, node, state);
    case 'LogicalExpression':
      return evaluateLogical(engine, node, state);
    case 'ConditionalExpression': {
      const { yes, no } = branch(engine, node.test, state);
      return mergeResults(
        [
          ...yes.flatMap((each) => evaluate(engine, node.consequent, each)),
          ...no.flatMap((each) => evaluate(engine, node.alternate, each)),
        ],
        keyOf,
      );
    }
    case 'UnaryExpression':
      return evaluateUnary(engine, node, state);
    case 'BinaryExpression':
      return evaluateBinary(engine, node, state);
    case 'AwaitExpression':
      return forEachResult(evaluate(engine, node.argument, state), ({ state: after, value }) => {
        const settled = settle(after, value);
        engine.mayThrow(node, after);
        return one(after, settled);
      });
    case 'YieldExpression':
      if (node.argument === null || node.argument === undefined) return one(state, UNKNOWN);
      return forEachResult(evaluate(engine, node.argument, state), ({ state: after, value }) => {
        use(engine, after, value, node, 'yielded');
        escape(engine, after, value, { how: 'lent', node });
        return one(after, UNKNOWN);
      });
    case 'ObjectExpression':
      return evaluateObject(engine, node, state);
    case 'ArrayExpression':
      return evaluateArray(engine, node, state);
    case 'SequenceExpression':
      return node.expressions.reduce<Result[]>(
        (results, each) => forEachResult(results, ({ state: after }) => evaluate(engine, each, after)),
        one(state, UNKNOWN),
      );
    case 'TemplateLiteral':
      return node.expressions.reduce<Result[]>(
        (results, each) =>
          forEachResult(results, ({ state: before }) =>
            forEachResult(evaluate(engine, each, before), ({ state: after, value }) => {
              use(engine, after, value, each, 'put into a string');
              return one(after, UNKNOWN);
            }),
          ),
        one(state, UNKNOWN),
      );
    default:
      return evaluateOther(engine, node, state);
  }
}

/** What is not modelled: its parts are evaluated, and what they give may be kept. */
function evaluateOther(engine: Engine, node: Node, state: State): Result[] {
  if (node.type === 'ClassExpression' || node.type === 'ClassDeclaration') {
    escapeCaptured(engine, node, state);
    return one(state, UNKNOWN);
  }
  let results = one(state, UNKNOWN);
  for (const child of childrenOf(node, engine.file.source.visitorKeys)) {
    if (child.type.startsWith('TS') && !isWrapper(child)) continue;
    results = forEachResult(results, ({ state: before }) =>
      forEachResult(evaluate(engine, child, before), ({ state: after, value }) => {
        escape(engine, after, value, { how: 'lent', node });
        return one(after, UNKNOWN);
      }),
    );
  }
  return results;
}

/** A class may do anything, at any time, with what its methods refer to. */
export function escapeCaptured(engine: Engine, node: Node, state: State): void {
  for (const variable of engine.file.capturedBy(node)) {
    const value = state.vars.get(variable);
    if (value !== undefined) escape(engine, state, value, { how: 'lent', node });
  }
}

function evaluateAssignment(engine: Engine, node: ESTree.AssignmentExpression, state: State): Result[] {
  const { operator, left, right } = node;
  if (operator === '??=' || operator === '||=' || operator === '&&=') {
    const { yes, no } = branch(engine, left, state);
    const [keep, replace] = operator === '&&=' ? [no, yes] : [yes, no];
    return [
      ...replace.flatMap((each) => assignResult(engine, left, right, node, each)),
      ...keep.flatMap((each) => evaluate(engine, left as Node, each)),
    ];
  }
  if (operator !== '=') {
    return forEachResult(evaluate(engine, right, state), ({ state: after }) => {
      assign(engine, left, UNKNOWN, node, after);
      return one(after, UNKNOWN);
    });
  }
  return assignResult(engine, left, right, node, state);
}

function assignResult(engine: Engine, left: ESTree.Pattern, right: Node, node: Node, state: State): Result[] {
  return forEachResult(evaluate(engine, right, state), ({ state: after, value }) => {
    assign(engine, left, value, node, after);
    return one(after, value);
  });
}

function evaluateLogical(engine: Engine, node: ESTree.LogicalExpression, state: State): Result[] {
  const { operator, left, right } = node;
  if (operator === '??') {
    return forEachResult(evaluate(engine, left, state), ({ state: after, value }) => {
      if (value.is === 'null') return evaluate(engine, right, after);
      if (value.is !== 'unknown') return one(after, value);
      return [...one(after.fork(), value), ...evaluate(engine, right, after)];
    });
  }
  const { yes, no } = branch(engine, left, state);
  const [goOn, stop] = operator === '&&' ? [yes, no] : [no, yes];
  return [
    ...goOn.flatMap((each) => evaluate(engine, right, each)),
    ...stop.map((each) => ({ state: each, value: stoppedValue(engine, left, each, operator) })),
  ];
}

/** What `left && …` gives when it goes no further: read once more, without its effects. */
function stoppedValue(engine: Engine, left: Node, state: State, operator: '&&' | '||'): Value {
  const inner = unwrap(left);
  if (inner.type === 'Identifier') return identify(engine, inner, state);
  return operator === '&&' ? UNKNOWN : UNKNOWN;
}

function evaluateUnary(engine: Engine, node: ESTree.UnaryExpression, state: State): Result[] {
  if (node.operator === '!') {
    const { yes, no } = branch(engine, node.argument, state);
    return [
      ...yes.map((each) => ({ state: each, value: FALSE })),
      ...no.map((each) => ({ state: each, value: TRUE })),
    ];
  }
  return forEachResult(evaluate(engine, node.argument, state), ({ state: after }) =>
    one(after, node.operator === 'void' ? NULL : UNKNOWN),
  );
}

function evaluateBinary(engine: Engine, node: ESTree.BinaryExpression, state: State): Result[] {
  const { operator, left, right } = node;
  if (left.type === 'PrivateIdentifier')
    return evaluate(engine, right, state).map(({ state: s }) => ({ state: s, value: UNKNOWN }));
  return forEachResult(evaluate(engine, left, state), ({ state: between, value: a }) =>
    forEachResult(evaluate(engine, right, between), ({ state: after, value: b }) => {
      const equal = areEqual(a, b, operator);
      if (equal === null) return one(after, UNKNOWN);
      const isNegated = operator === '!==' || operator === '!=';
      return one(after, equal !== isNegated ? TRUE : FALSE);
    }),
  );
}

/** Whether two values are equal, where that can be told. */
function areEqual(a: Value, b: Value, operator: string): boolean | null {
  if (!['===', '!==', '==', '!='].includes(operator)) return null;
  if (a.is === 'null' && b.is === 'null') return true;
  if (a.is === 'boolean' && b.is === 'boolean') return a.value === b.value;
  const isThere = (value: Value): boolean => value.is !== 'null' && value.is !== 'unknown';
  if (a.is === 'null') return isThere(b) ? false : null;
  if (b.is === 'null') return isThere(a) ? false : null;
  return null;
}

function evaluateObject(engine: Engine, node: ESTree.ObjectExpression, state: State): Result[] {
  let results: { state: State; fields: Map<string, Value> }[] = [{ state, fields: new Map() }];
  for (const property of node.properties) {
    const isSpread = property.type === 'SpreadElement';
    const name = isSpread ? null : propertyName(property);
    const value = (isSpread ? property.argument : property.value) as Node;
    results = results.flatMap(({ state: before, fields }) =>
      evaluate(engine, value, before).map((result) => {
        const next = new Map(fields);
        if (isSpread && result.value.is === 'bundle')
          for (const [key, each] of result.value.fields) next.set(key, each);
        else if (name !== null && matters(result.value)) next.set(name, result.value);
        else escape(engine, result.state, result.value, { how: 'lent', node });
        return { state: result.state, fields: next };
      }),
    );
  }
  return results.map(({ state: after, fields }) => ({ state: after, value: bundleOf(fields) }));
}

function evaluateArray(engine: Engine, node: ESTree.ArrayExpression, state: State): Result[] {
  let results: { state: State; fields: Map<string, Value> }[] = [{ state, fields: new Map() }];
  node.elements.forEach((element, index) => {
    if (element === null) return;
    const isSpread = element.type === 'SpreadElement';
    results = results.flatMap(({ state: before, fields }) =>
      evaluate(engine, isSpread ? element.argument : element, before).map(({ state: after, value }) => {
        if (isSpread || !matters(value)) {
          escape(engine, after, value, { how: 'lent', node });
          return { state: after, fields };
        }
        return { state: after, fields: new Map(fields).set(String(index), value) };
      }),
    );
  });
  return results.map(({ state: after, fields }) => ({ state: after, value: bundleOf(fields) }));
}

function matters(value: Value): boolean {
  return (
    thingsIn(value).length > 0 || value.is === 'function' || value.is === 'bundle' || value.is === 'promise'
  );
}

function bundleOf(fields: ReadonlyMap<string, Value>): Value {
  return { is: 'bundle', fields };
}

/** Whether a node is a function, after what TypeScript wraps around it. */
export function functionIn(node: Node): Value | null {
  const inner = unwrap(node);
  return isFunction(inner) ? { is: 'function', node: inner } : null;
}
