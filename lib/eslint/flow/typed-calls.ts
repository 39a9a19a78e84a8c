import { pathText } from '../ast.ts';
import type { OurType, Signature } from '../model/types.ts';
import { TYPES } from '../model/kinds.ts';
import type { Call } from './calls.ts';
import { type Engine, type Result, one } from './engine.ts';
import { escape } from './escape.ts';
import { moveAway } from './lifecycle.ts';
import { made } from './ours.ts';
import type { State } from './state.ts';
import { use } from './use.ts';
import { UNKNOWN, thingsIn } from './value.ts';

/** Methods of the language's own collections and texts, which most calls are of: no use to ask for their types. */
const OF_LANGUAGE: ReadonlySet<string> = new Set(
  'charAt charCodeAt clear concat endsWith entries fill has includes indexOf join keys match matchAll padEnd padStart repeat replace replaceAll reverse slice split startsWith substring test toFixed toLowerCase toString toUpperCase trim values'.split(
    ' ',
  ),
);

function isOfLanguage({ node, args }: Call): boolean {
  const { callee } = node;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false;
  return OF_LANGUAGE.has(callee.property.name) && args.every(({ is }) => is === 'unknown' || is === 'null');
}

/** A call of a function of another file, by what its types and its comment say; null when there are no types, or they say nothing. */
export function byTypes(engine: Engine, call: Call): Result[] | null {
  const { types } = engine.file;
  if (types === null || isOfLanguage(call)) return null;
  const signature = types.ofCall(call.node);
  if (signature === null) return null;
  const { returns, parameters, returnsOwnership, neverReturns } = signature;
  const saysNothing =
    returns === null && !returnsOwnership && !neverReturns && parameters.every((each) => each === 'unknown');
  if (saysNothing) return null;
  return applySignature(engine, call, signature);
}

function applySignature(engine: Engine, call: Call, signature: Signature): Result[] {
  const { state, node, args } = call;
  const name = pathText(node.callee) ?? 'the function';
  for (const [index, arg] of args.entries()) {
    const effect = signature.parameters[index] ?? 'unknown';
    if (effect === 'takes') {
      for (const id of thingsIn(arg)) moveAway(engine, state, id, node, `it was given to ${name}()`);
      continue;
    }
    use(engine, state, arg, node, 'passed on');
    if (effect === 'unknown') escape(engine, state, arg, { how: 'lent', node });
  }
  engine.mayThrow(node, state);
  if (signature.neverReturns) return [];
  const { returns } = signature;
  if (returns === null) {
    if (!signature.returnsOwnership) return one(state, UNKNOWN);
    return made(engine, state, node, { what: 'block', name: `${name}()`, duty: 'hard' });
  }
  return resultOf(engine, state, call, name, returns, signature.returnsOwnership);
}

function resultOf(
  engine: Engine,
  state: State,
  { node }: Call,
  name: string,
  returns: OurType,
  isOwned: boolean,
): Result[] {
  const type = TYPES.get(returns.name);
  if (type === undefined) return one(state, UNKNOWN);
  const isHandle = type.what === 'handle';
  // Whose a block or an allocator is that some function returns is not known, unless it says so.
  if (!isHandle && !isOwned && type.what !== 'allocator') return one(state, UNKNOWN);
  const none = returns.nullable ? state.fork() : null;
  const inner =
    isHandle && returns.of === 'Block'
      ? engine.born(state, node, { what: 'block', name: 'its block' })
      : undefined;
  const duty = isHandle || isOwned ? 'hard' : 'none';
  const thing = engine.born(state, node, {
    what: type.what,
    kind: type.kind,
    name: `${name}()`,
    duty,
    inner: inner?.id,
  });
  if (inner !== undefined) state.update(inner.id, { owner: thing.id });
  const value = { is: 'thing', id: thing.id } as const;
  const results = one(state, returns.isPromise ? { is: 'promise', uses: [], result: value } : value);
  if (none !== null) results.push({ state: none, value: { is: 'null' } });
  return results;
}
