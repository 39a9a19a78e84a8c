import type { Node } from '../ast.ts';
import type { Engine } from './engine.ts';
import type { State } from './state.ts';
import { use } from './use.ts';
import { UNKNOWN, type Value, thingsIn } from './value.ts';

/** Blocks are read or written from now on, until the promise that is the result is settled, or for good. */
export function beginIo(
  engine: Engine,
  state: State,
  values: readonly Value[],
  name: string,
  node: Node,
  isPromise: boolean,
): Value {
  const uses: string[] = [];
  for (const value of values) {
    use(engine, state, value, node, `given to ${name}()`);
    for (const id of thingsIn(value)) {
      const thing = state.things.get(id);
      if (thing === undefined || thing.what === 'allocator') continue;
      uses.push(id);
      state.update(id, {
        io: [...thing.io.filter((each) => each.node !== node), { node, name, isPromise }],
        didIo: true,
      });
    }
  }
  return isPromise ? { is: 'promise', uses, result: UNKNOWN } : UNKNOWN;
}

/** A promise was awaited: what it works on is free. The value that it gives. */
export function settle(state: State, value: Value): Value {
  if (value.is === 'promise') {
    for (const id of value.uses) {
      const thing = state.things.get(id);
      if (thing !== undefined) state.update(id, { io: thing.io.filter(({ isPromise }) => !isPromise) });
    }
    return settle(state, value.result);
  }
  if (value.is === 'bundle') {
    // What `Promise.all` was given.
    return {
      is: 'bundle',
      fields: new Map([...value.fields].map(([name, each]) => [name, settle(state, each)])),
    };
  }
  return value;
}

/** The promises in what `Promise.all` and the like are given, as one. */
export function allOf(value: Value): Value {
  const uses =
    value.is === 'bundle'
      ? [...value.fields.values()].flatMap((each) => (each.is === 'promise' ? each.uses : []))
      : [];
  return { is: 'promise', uses, result: value.is === 'bundle' ? value : UNKNOWN };
}
