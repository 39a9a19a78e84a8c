import { isFunction, unwrap } from '../ast.ts';
import { type Call, callValue, lend } from './calls.ts';
import { type Engine, type Result, forEachResult } from './engine.ts';
import { evaluate } from './expressions.ts';
import { moveAway } from './lifecycle.ts';
import { made } from './ours.ts';
import { UNKNOWN, type Value, thingsIn } from './value.ts';

type Marked = Extract<Value, { is: 'marked' }>;

/** A call of a function that `returnsOwnership` or `takesOwnership` has made of another. */
export function callMarked(engine: Engine, marked: Marked, call: Call): Result[] {
  const { state, node } = call;
  const args = call.args.map((arg, position) => {
    if (!marked.takes.includes(position)) return arg;
    for (const id of thingsIn(arg))
      moveAway(engine, state, id, node, 'its ownership was taken by this function');
    return UNKNOWN;
  });
  const inner = unwrap(marked.fn);
  const results: Result[] = isFunction(inner)
    ? lend(engine, { ...call, args })
    : forEachResult(evaluate(engine, inner, state), ({ state: between, value }) =>
        value.is === 'marked'
          ? callValue(engine, value, { ...call, args, state: between })
          : lend(engine, { ...call, args, state: between }),
      );
  if (!marked.returns) return results;
  return forEachResult(results, ({ state: after }) => {
    const block = engine.born(after, node, { what: 'block', name: 'what it owns' });
    const handles = made(engine, after, node, {
      what: 'handle',
      name: 'the result',
      inner: block.id,
      duty: 'hard',
    });
    for (const { value } of handles) if (value.is === 'thing') after.update(block.id, { owner: value.id });
    const isAsync = isFunction(inner) && inner.async === true;
    return handles.map((each) => ({
      state: each.state,
      value: isAsync ? { is: 'promise', uses: [], result: each.value } : each.value,
    }));
  });
}
