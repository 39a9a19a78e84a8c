import type * as ESTree from 'estree';

import { type Node, memberName, pathText, unwrap } from '../ast.ts';
import { METHODS } from '../model/methods.ts';
import { memberOfImport } from '../model/modules.ts';
import { type Engine, type Result, one, forEachResult } from './engine.ts';
import { escape } from './escape.ts';
import { evaluate } from './expressions.ts';
import type { State } from './state.ts';
import { use } from './use.ts';
import { NULL, UNKNOWN, type Value } from './value.ts';

/** Reads a member of what an expression gives. */
export function evaluateMember(engine: Engine, node: ESTree.MemberExpression, state: State): Result[] {
  if (node.object.type === 'Super') return one(state, UNKNOWN);
  return forEachResult(evaluate(engine, node.object, state), (result) => {
    const { state: between, value } = result;
    if (result.isShort === true) return [result];
    if (value.is === 'null') return ofNull(engine, between, value, node, node.optional);
    const name = memberName(node);
    // A part of a struct that has no other name may be kept for the whole.
    if (
      value.is === 'thing' &&
      unwrap(node.object).type === 'CallExpression' &&
      between.things.get(value.id)?.what === 'struct'
    )
      escape(engine, between, value, { how: 'lent', node });
    const results =
      node.computed && name === null && node.property.type !== 'PrivateIdentifier'
        ? evaluate(engine, node.property, between)
        : one(between, UNKNOWN);
    return forEachResult(results, ({ state: after }) => {
      const stored = value.is === 'unknown' ? after.places.get(pathText(node) ?? '') : undefined;
      return one(after, stored ?? memberOf(engine, after, value, name ?? '[]', node));
    });
  });
}

/** A member of null: nothing, in an optional chain; else the program throws, and this is no path. */
export function ofNull(
  engine: Engine,
  state: State,
  value: Extract<Value, { is: 'null' }>,
  node: Node,
  isOptional: boolean,
): Result[] {
  if (isOptional) return [{ state, value: NULL, isShort: true }];
  if (value.from !== undefined) tellUnchecked(engine, value.from, node);
  return [];
}

/** What an allocation has given is used as if it could not be null. */
export function tellUnchecked(engine: Engine, from: Node, node: Node): void {
  engine.voice?.found({
    rule: 'check-allocation',
    node,
    message: `This may be null here: tryAlloc() on line ${String(from.loc?.start.line)} gives null when memory or a limit is used up; test it first, or use alloc(), which throws.`,
    data: { site: from },
  });
}

/** The value of a member that is read. */
export function memberOf(engine: Engine, state: State, value: Value, name: string, node: Node): Value {
  switch (value.is) {
    case 'bundle':
      return value.fields.get(name) ?? UNKNOWN;
    case 'import':
      return memberOfImport(value, name);
    case 'part':
      use(engine, state, value, node);
      return UNKNOWN;
    case 'thing': {
      const thing = state.things.get(value.id);
      if (thing === undefined) return UNKNOWN;
      const model = METHODS[thing.what].get(name);
      if (model === 'inspects') return UNKNOWN;
      use(engine, state, value, node);
      if (model !== 'shows' || thing.inner === undefined) return UNKNOWN;
      return { is: 'thing', id: thing.inner };
    }
    default:
      return UNKNOWN;
  }
}
