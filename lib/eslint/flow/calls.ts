import type * as ESTree from 'estree';

import { type CallNode, type Node, memberName, unwrap } from '../ast.ts';
import { callFunction, hasFollowed } from './closures.ts';
import { type Engine, type Result, one, forEachResult } from './engine.ts';
import { escape, escapeArguments } from './escape.ts';
import { evaluate } from './expressions.ts';
import { allocatorBehind } from './identify.ts';
import { allOf } from './io.ts';
import { memberOf, ofNull } from './members.ts';
import { callMethod } from './methods.ts';
import { callMarked } from './marked.ts';
import { callNode, fileMethod } from './node-calls.ts';
import { callOurs, constructOurs } from './ours.ts';
import type { State } from './state.ts';
import { byTypes } from './typed-calls.ts';
import { METHODS } from '../model/methods.ts';
import { use } from './use.ts';
import { UNKNOWN, type Value } from './value.ts';

/** A call with evaluated arguments. */
export interface Call {
  readonly node: CallNode;
  readonly args: readonly Value[];
  readonly state: State;
}

/** Methods that call a function at once, any number of times: those of arrays, sets and maps. */
const AT_ONCE: ReadonlySet<string> = new Set([
  'forEach',
  'map',
  'filter',
  'some',
  'every',
  'find',
  'findIndex',
  'findLast',
  'flatMap',
  'reduce',
  'reduceRight',
  'sort',
  'toSorted',
]);

/** Methods that keep a function for later. */
const LATER: ReadonlySet<string> = new Set([
  'on',
  'once',
  'addListener',
  'prependListener',
  'addEventListener',
  'subscribe',
  'then',
  'catch',
  'finally',
]);

/** Methods that keep what they are given. */
const KEEPERS: ReadonlySet<string> = new Set([
  'push',
  'unshift',
  'set',
  'add',
  'splice',
  'enqueue',
  'append',
]);

/** Evaluates a call or `new`. */
export function evaluateCall(engine: Engine, node: CallNode, state: State): Result[] {
  const callee = unwrap(node.callee);
  if (node.type === 'CallExpression' && callee.type === 'MemberExpression' && callee.object.type !== 'Super')
    return evaluateMethodCall(engine, node, callee, state);
  if (callee.type === 'Super' || (callee.type as string) === 'Import')
    return withArguments(engine, node, state, (call) => lend(engine, call));
  return forEachResult(evaluate(engine, callee, state), ({ state: between, value, isShort }) => {
    if (isShort === true) return [{ state: between, value, isShort: true }];
    return withArguments(engine, node, between, (call) => callValue(engine, value, call));
  });
}

/** Calls a value that is a function, as far as is known. */
export function callValue(engine: Engine, value: Value, call: Call): Result[] {
  switch (value.is) {
    case 'import':
      if (value.module === 'freehold')
        return call.node.type === 'NewExpression'
          ? constructOurs(engine, value.name, call)
          : callOurs(engine, value.name, call);
      return callNode(engine, value, call);
    case 'function':
      return callFunction(engine, value.node, call);
    case 'marked':
      return callMarked(engine, value, call);
    default:
      return byTypes(engine, call) ?? lend(engine, call);
  }
}

function evaluateMethodCall(
  engine: Engine,
  node: ESTree.SimpleCallExpression,
  callee: ESTree.MemberExpression,
  state: State,
): Result[] {
  const name = memberName(callee);
  return forEachResult(evaluate(engine, callee.object, state), (result) => {
    const { state: between, value } = result;
    if (result.isShort === true) return [result];
    if (value.is === 'null') return ofNull(engine, between, value, callee, callee.optional || node.optional);
    return withArguments(engine, node, between, (call) => {
      if (name === null) return lend(engine, call);
      return callMember(engine, callee, value, name, call);
    });
  });
}

function callMember(
  engine: Engine,
  callee: ESTree.MemberExpression,
  value: Value,
  name: string,
  call: Call,
): Result[] {
  const { state, node } = call;
  switch (value.is) {
    case 'thing':
      return callMethod(engine, value.id, name, call);
    case 'part':
      use(engine, state, value, node);
      return one(state, name === 'subarray' ? value : UNKNOWN);
    case 'import':
      return callValue(engine, memberOf(engine, state, value, name, callee), call);
    case 'file':
      return fileMethod(engine, name, call);
    case 'promise':
      for (const arg of call.args) escape(engine, state, arg, { how: 'captured', node });
      return one(state, { is: 'promise', uses: value.uses, result: UNKNOWN });
    case 'bundle': {
      const member = value.fields.get(name);
      if (member?.is === 'function') return callFunction(engine, member.node, call);
      escape(engine, state, value, { how: 'lent', node });
      break;
    }
    default:
  }
  const object = callee.object as Node;
  // Allocators of unknown origin are looked for only where the method is one of theirs: types cost time.
  if (METHODS.allocator.has(name) && METHODS.allocator.get(name) !== 'inspects') {
    const allocator = allocatorBehind(engine, object, state);
    if (allocator !== null) return callMethod(engine, allocator.id, name, call);
  }
  const own = ownMethod(engine, object, name);
  if (own !== null) return callFunction(engine, own, call);
  if (value.is === 'unknown' && engine.file.types?.isOfNode(object, 'FileHandle') === true)
    return fileMethod(engine, name, call);
  if (AT_ONCE.has(name)) return callEach(engine, call);
  if (LATER.has(name)) {
    for (const arg of call.args) escape(engine, state, arg, { how: 'captured', node });
    return one(state, UNKNOWN);
  }
  if (KEEPERS.has(name)) return keep(engine, callee, call);
  return byTypes(engine, call) ?? lend(engine, call);
}

/** A method of the class around, when it is called on `this`. */
function ownMethod(engine: Engine, object: Node, name: string): ESTree.FunctionExpression | null {
  if (object.type !== 'ThisExpression') return null;
  const around = engine.file.classAround(object);
  if (around?.type !== 'ClassDeclaration' && around?.type !== 'ClassExpression') return null;
  for (const member of around.body.body) {
    if (member.type !== 'MethodDefinition' || member.kind !== 'method' || member.computed) continue;
    const { key } = member;
    const own =
      key.type === 'PrivateIdentifier' ? `#${key.name}` : key.type === 'Identifier' ? key.name : null;
    if (own === name) return member.value;
  }
  return null;
}

/** A function that is called at once, as often as there are elements. */
function callEach(engine: Engine, call: Call): Result[] {
  const [fn] = call.args;
  if (fn?.is !== 'function' || !hasFollowed(engine, fn.node, call.state)) return lend(engine, call);
  const skipped = call.state.fork();
  const once = callFunction(engine, fn.node, { ...call, args: [] });
  const twice = once.flatMap(({ state }) =>
    callFunction(engine, fn.node, { ...call, args: [], state: state.fork() }),
  );
  return [...one(skipped, UNKNOWN), ...[...once, ...twice].map(({ state }) => ({ state, value: UNKNOWN }))];
}

/** Something that keeps its arguments: as long as what it is in. */
function keep(engine: Engine, callee: ESTree.MemberExpression, { state, args, node }: Call): Result[] {
  for (const arg of args) use(engine, state, arg, node, 'kept');
  escapeArguments(engine, state, args, callee.object, node);
  return one(state, UNKNOWN);
}

/** A call of something unknown: what it gets may be kept, or freed, by it; it may throw. */
export function lend(engine: Engine, { state, args, node }: Call): Result[] {
  for (const arg of args) {
    use(engine, state, arg, node, 'passed on');
    escape(engine, state, arg, { how: 'lent', node });
  }
  state.places.clear();
  engine.mayThrow(node, state);
  return one(state, UNKNOWN);
}

/** A call that uses its arguments, and is done with them when it returns. */
export function borrow(engine: Engine, { state, args, node }: Call, canThrow = true): Result[] {
  for (const arg of args) use(engine, state, arg, node, 'passed on');
  if (canThrow) engine.mayThrow(node, state);
  return one(state, UNKNOWN);
}

/** Calls of `Promise.all` and the like. */
export function gather({ state, args }: Call): Result[] {
  return one(state, allOf(args[0] ?? UNKNOWN));
}

function withArguments(
  engine: Engine,
  node: CallNode,
  state: State,
  next: (call: Call) => Result[],
): Result[] {
  let paths: { state: State; args: Value[] }[] = [{ state, args: [] }];
  for (const argument of node.arguments) {
    const isSpread = argument.type === 'SpreadElement';
    paths = paths.flatMap(({ state: before, args }) =>
      evaluate(engine, isSpread ? argument.argument : argument, before).map(({ state: after, value }) => {
        if (isSpread) escape(engine, after, value, { how: 'lent', node });
        return { state: after, args: [...args, isSpread ? UNKNOWN : value] };
      }),
    );
  }
  return paths.flatMap(({ state: after, args }) => next({ node, args, state: after }));
}
