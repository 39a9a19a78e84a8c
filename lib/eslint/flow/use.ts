import { type Node, lineOf } from '../ast.ts';
import type { Engine } from './engine.ts';
import type { State } from './state.ts';
import { type Thing, type ThingId, type Value, thingsIn } from './value.ts';

/** A use of what a value is: told of when its life is over. Each thing is told of once. */
export function use(engine: Engine, state: State, value: Value, node: Node, how = 'used'): void {
  for (const id of thingsIn(value)) {
    const thing = state.things.get(id);
    if (thing === undefined || isUsable(thing)) continue;
    // Who gets an allocator that is over may only want its figures, or to know that it is.
    if (thing.what === 'allocator' && how === 'passed on') continue;
    engine.voice?.found({
      rule: 'no-use-after-free',
      node,
      message: `\`${thing.name}\` is ${how} here, but ${becauseOf(thing)}.`,
    });
    state.update(id, { status: 'gone' });
  }
}

/** Whether nothing is known that forbids to use a thing. */
export function isUsable(thing: Thing): boolean {
  return thing.status === 'live' || thing.status === 'gone';
}

/** Why a thing is dead, and since when: "it was freed on line 3". */
export function becauseOf(thing: Thing): string {
  const line = thing.at === undefined ? '' : ` on line ${lineOf(thing.at)}`;
  return `${thing.by}${line}`;
}

/** A use of a receiver by its identity alone. */
export function useThing(engine: Engine, state: State, id: ThingId, node: Node, how = 'used'): void {
  use(engine, state, { is: 'thing', id }, node, how);
}
