import { FILE_IO, isPooled, nodeCallOf } from '../model/node-io.ts';
import { type Call, borrow, gather, lend } from './calls.ts';
import { runArgument } from './closures.ts';
import { branch } from './conditions.ts';
import { type Engine, type Result, one } from './engine.ts';
import { escape } from './escape.ts';
import { beginIo } from './io.ts';
import { byTypes } from './typed-calls.ts';
import { use } from './use.ts';
import { UNKNOWN, type Value } from './value.ts';

type Imported = Extract<Value, { is: 'import' }>;

/** Functions that run what they are given later. */
const LATER: ReadonlySet<string> = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'process.nextTick',
  'process.on',
  'process.once',
]);

/** Globals whose functions use what they get, and keep nothing. */
const BORROWERS: ReadonlySet<string> = new Set([
  'Array',
  'Boolean',
  'Buffer',
  'JSON',
  'Math',
  'Number',
  'Object',
  'Reflect',
  'String',
  'console',
  'isNaN',
  'parseInt',
]);

/** A call of a function of node, or of a global. */
export function callNode(engine: Engine, { module, name }: Imported, call: Call): Result[] {
  if (module === 'global') return callGlobal(engine, name, call);
  const { args, state, node } = call;
  const last = args.at(-1);
  const hasCallback =
    last?.is === 'function' || (last?.is === 'unknown' && args.length > 1 && looksLikeCallback(call));
  switch (nodeCallOf(module, name, hasCallback)) {
    case 'promise': {
      engine.mayThrow(node, state);
      return one(state, beginIo(engine, state, args, nameOf(name), node, true));
    }
    case 'callback':
      engine.mayThrow(node, state);
      beginIo(engine, state, args.slice(0, -1), nameOf(name), node, false);
      if (last !== undefined) escape(engine, state, last, { how: 'captured', node });
      return one(state, UNKNOWN);
    case 'opens':
      engine.mayThrow(node, state);
      return one(state, { is: 'promise', uses: [], result: { is: 'file' } });
    case 'promisify': {
      const [fn] = args;
      if (fn?.is !== 'import' || !isPooled(fn.module, fn.name)) return one(state, UNKNOWN);
      return one(state, { is: 'import', module: 'fs/promises', name: fn.name });
    }
    case 'asserts': {
      const [condition] = node.arguments;
      if (condition === undefined || condition.type === 'SpreadElement') return one(state, UNKNOWN);
      // Evaluated once more, for its branches: an assertion has no effects that matter.
      const { yes } = branch(engine, condition, state);
      return yes.map((each) => ({ state: each, value: UNKNOWN }));
    }
    case 'expects throw':
      engine.muted++;
      runArgument(engine, args[0], [], state.fork(), node);
      engine.muted--;
      return one(state, UNKNOWN);
    case 'exits':
      return [];
    default:
      return borrow(engine, call);
  }
}

/** A variable as last argument, named as callbacks are. */
function looksLikeCallback({ node }: Call): boolean {
  const last = node.arguments.at(-1);
  return last?.type === 'Identifier' && /^(cb|callback|done|next)$|^on[A-Z]/.test(last.name);
}

function nameOf(name: string): string {
  return name.split('.').at(-1) ?? name;
}

function callGlobal(engine: Engine, name: string, call: Call): Result[] {
  const { args, state, node } = call;
  const [root = name] = name.split('.');
  if (LATER.has(name)) {
    for (const arg of args) escape(engine, state, arg, { how: 'captured', node });
    return one(state, UNKNOWN);
  }
  if (name === 'process.exit' || name === 'process.abort') return [];
  if (root === 'Promise') {
    if (node.type === 'NewExpression')
      return runArgument(engine, args[0], [], state, node).map((result) => ({
        state: result.state,
        value: UNKNOWN,
      }));
    return name === 'Promise.resolve'
      ? one(state, { is: 'promise', uses: [], result: args[0] ?? UNKNOWN })
      : gather(call);
  }
  if (root === 'Symbol') return one(state, UNKNOWN);
  if (BORROWERS.has(root))
    return borrow(engine, call, root !== 'console' && root !== 'Math' && root !== 'Buffer');
  return byTypes(engine, call) ?? lend(engine, call);
}

/** A method of a `FileHandle`. */
export function fileMethod(engine: Engine, name: string, call: Call): Result[] {
  const { state, node, args } = call;
  engine.mayThrow(node, state);
  if (FILE_IO.has(name)) return one(state, beginIo(engine, state, args, name, node, true));
  for (const arg of args) use(engine, state, arg, node, 'passed on');
  return one(state, UNKNOWN);
}
