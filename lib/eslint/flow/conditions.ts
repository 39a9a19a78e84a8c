import { type Node, rootOf, unwrap } from '../ast.ts';
import type { Engine } from './engine.ts';
import { evaluate } from './expressions.ts';
import type { State } from './state.ts';
import type { Value } from './value.ts';

/** The paths on which a condition holds, and those on which it does not. */
export interface Branches {
  readonly yes: State[];
  readonly no: State[];
}

/** Evaluates a condition. Paths on which it was found to be otherwise before are no paths. */
export function branch(engine: Engine, test: Node, state: State): Branches {
  const node = unwrap(test);
  if (node.type === 'UnaryExpression' && node.operator === '!') {
    const { yes, no } = branch(engine, node.argument, state);
    return { yes: no, no: yes };
  }
  if (node.type === 'LogicalExpression' && node.operator !== '??') {
    const left = branch(engine, node.left, state);
    const isAnd = node.operator === '&&';
    const yes = isAnd ? [] : left.yes;
    const no = isAnd ? left.no : [];
    for (const each of isAnd ? left.yes : left.no) {
      const right = branch(engine, node.right, each);
      yes.push(...right.yes);
      no.push(...right.no);
    }
    return { yes, no };
  }
  const yes: State[] = [];
  const no: State[] = [];
  for (const { state: after, value } of evaluate(engine, test, state)) {
    const truth = truthOf(value);
    if (truth === true) yes.push(after);
    else if (truth === false) no.push(after);
    else part(node, after, yes, no);
  }
  return { yes, no };
}

/** A condition that only the run can tell: both ways, and each remembers it. */
function part(node: Node, state: State, yes: State[], no: State[]): void {
  const fact = factOf(node);
  const other = state.fork();
  if (fact === null) {
    yes.push(state);
    no.push(other);
    return;
  }
  if (state.learn(fact.key, fact.names, fact.holds)) yes.push(state);
  if (other.learn(fact.key, fact.names, !fact.holds)) no.push(other);
}

/** Whether a value counts as true; null when that depends. */
export function truthOf(value: Value): boolean | null {
  if (value.is === 'unknown') return null;
  if (value.is === 'boolean') return value.value;
  return value.is !== 'null';
}

interface NamedFact {
  readonly key: string;
  readonly holds: boolean;
  readonly names: ReadonlySet<string>;
}

const NEGATIONS: Readonly<Record<string, string>> = { '!==': '===', '!=': '==', '>=': '<', '<=': '>' };

/** A condition as a text that is the same wherever the same is asked; null when asking twice may give different answers. */
function factOf(node: Node): NamedFact | null {
  const names = new Set<string>();
  if (node.type === 'BinaryExpression') {
    const positive = NEGATIONS[node.operator];
    const left = node.left.type === 'PrivateIdentifier' ? null : stable(node.left, names);
    const right = stable(node.right, names);
    if (left === null || right === null) return null;
    return { key: `${left} ${positive ?? node.operator} ${right}`, holds: positive === undefined, names };
  }
  const key = stable(node, names);
  return key === null ? null : { key, holds: true, names };
}

/** The text of an expression without effects, whose variables are added to `names`. */
function stable(expression: Node, names: Set<string>): string | null {
  const node = unwrap(expression);
  switch (node.type) {
    case 'Identifier':
      names.add(node.name);
      return node.name;
    case 'Literal':
      return node.raw ?? String(node.value);
    case 'MemberExpression': {
      const root = rootOf(node);
      if (root === null || node.object.type === 'Super') return null;
      const object = stable(node.object, names);
      const { property } = node;
      if (property.type === 'PrivateIdentifier')
        return object === null ? null : `${object}.#${property.name}`;
      if (!node.computed && property.type === 'Identifier')
        return object === null ? null : `${object}.${property.name}`;
      const key = stable(property, names);
      return object === null || key === null ? null : `${object}[${key}]`;
    }
    case 'ThisExpression':
      return 'this';
    case 'UnaryExpression': {
      const argument = stable(node.argument, names);
      return argument === null ? null : `${node.operator} ${argument}`;
    }
    case 'BinaryExpression': {
      const left = node.left.type === 'PrivateIdentifier' ? null : stable(node.left, names);
      const right = stable(node.right, names);
      return left === null || right === null ? null : `(${left} ${node.operator} ${right})`;
    }
    default:
      return null;
  }
}
