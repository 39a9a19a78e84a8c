import { type Node, pathText, unwrap } from '../ast.ts';
import type { Engine } from './engine.ts';
import type { State } from './state.ts';

/**
 * Something unknown that a call of this package was given, such as a parameter: from now on it is followed, by the variable or the
 * path of members that names it. Empty for what has no such name.
 */
export function materialise(
  engine: Engine,
  expression: Node,
  state: State,
  what: 'block' | 'handle' | 'struct',
): string[] {
  const node = unwrap(expression);
  const name = pathText(node);
  if (name === null) return [];
  if (node.type === 'Identifier') {
    const variable = engine.file.variableOf(node);
    if (variable === undefined) return [];
    const { id } = engine.born(state, node, { what, name, origin: 'parameter' });
    state.vars.set(variable, { is: 'thing', id });
    return [id];
  }
  const { id } = engine.born(state, node, { what, name, origin: 'parameter' });
  state.places.set(name, { is: 'thing', id });
  return [id];
}
