import { type Node, rangeOf } from '../ast.ts';
import type { Engine } from './engine.ts';
import { describe, isLost } from './scopes.ts';
import type { State } from './state.ts';
import { type Thing, type Value, thingsIn } from './value.ts';

/** After a statement: what its expression has made, and nothing holds, is dropped. */
export function dropped(engine: Engine, state: State, value: Value, expression: Node, isKept = false): void {
  if (state.things.size === 0) return;
  const [begin, end] = rangeOf(expression);
  const made: Thing[] = [];
  for (const thing of state.things.values()) {
    const [from, to] = rangeOf(thing.site);
    if (from >= begin && to <= end && thing.origin === 'made' && thing.status === 'live') made.push(thing);
  }
  if (made.length === 0) return;
  const reached = state.reachable(isKept ? [value] : []);
  const results = new Set(thingsIn(value));
  for (const thing of made) {
    if (reached.has(thing.id)) continue;
    const isDeferred = thing.what === 'deferred' && results.has(thing.id);
    if (!isDeferred && !isLost(state, thing)) continue;
    engine.voice?.found({
      rule: 'require-ownership',
      node: thing.site,
      message: isDeferred
        ? 'The result of defer() is dropped: what it should do never runs; hold it with `using`.'
        : `The result of \`${thing.name}\` is ${describe(thing)} that the caller owns, but it is dropped: nobody can end it any more.`,
      isStrict: thing.duty === 'soft' || thing.lent !== undefined,
    });
    state.update(thing.id, { status: 'gone' });
  }
}
