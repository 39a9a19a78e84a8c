import type * as ESTree from 'estree';

// What the analysis reads of syntax trees: those of ESLint's own parser, and of typescript-eslint's.

/** A node of ESTree. Those that TypeScript adds are met by their `type` as text, and by {@link unwrap}. */
export type Node = ESTree.Node;
/** A function of any kind. */
export type FunctionNode =
  ESTree.FunctionDeclaration | ESTree.FunctionExpression | ESTree.ArrowFunctionExpression;
/** A call that may be of either kind. */
export type CallNode = ESTree.CallExpression | ESTree.NewExpression;

/** What TypeScript wraps around expressions, and means nothing when the program runs. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSInstantiationExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'ParenthesizedExpression',
]);

/** The node around, which ESLint has set. */
export function parentOf(node: Node): Node | null {
  return (node as { parent?: Node | null }).parent ?? null;
}

/** Whether a node is one that TypeScript wraps around an expression. */
export function isWrapper(node: Node): boolean {
  return WRAPPERS.has(node.type);
}

/** The expression in a wrapper. */
export function wrapped(node: Node): Node {
  return (node as unknown as { expression: Node }).expression;
}

/** An expression without assertions of types, and without the node around an optional chain. */
export function unwrap(node: Node): Node {
  let inner = node;
  while (isWrapper(inner) || inner.type === 'ChainExpression') inner = wrapped(inner);
  return inner;
}

/** Whether a node is a function. */
export function isFunction(node: Node | null | undefined): node is FunctionNode {
  return (
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression' ||
    node?.type === 'ArrowFunctionExpression'
  );
}

/** The line that a node begins on. */
export function lineOf(node: Node): number {
  return node.loc?.start.line ?? 0;
}

/** The line that a node ends on. */
export function endLineOf(node: Node): number {
  return node.loc?.end.line ?? 0;
}

/** Where a node stands in the text: `[begin, end]`. */
export function rangeOf(node: Node): [number, number] {
  return node.range ?? [0, 0];
}

/**
 * The name of the member that an expression reads: `'dispose'`, `'@@dispose'` for `[Symbol.dispose]`, `'#heap'` for a private
 * one; null when it is computed.
 */
export function memberName(node: ESTree.MemberExpression): string | null {
  const { property } = node;
  if (property.type === 'PrivateIdentifier') return `#${property.name}`;
  if (!node.computed) return property.type === 'Identifier' ? property.name : null;
  return keyName(property);
}

/** The name in a computed key, when it can be told. */
function keyName(key: Node): string | null {
  if (key.type === 'Literal') return String(key.value);
  if (key.type !== 'MemberExpression' || key.computed) return null;
  if (key.object.type !== 'Identifier' || key.object.name !== 'Symbol') return null;
  return key.property.type === 'Identifier' ? `@@${key.property.name}` : null;
}

/** The name of a property of an object literal, of a pattern or of a class; null when it is computed. */
export function propertyName(node: {
  key: Node | ESTree.PrivateIdentifier;
  computed: boolean;
}): string | null {
  const { key } = node;
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  if (!node.computed && key.type === 'Identifier') return key.name;
  return keyName(key);
}

/** The text of a path of members that begins at a variable or `this`: `this.#page`, `options.debug`. Else null. */
export function pathText(node: Node): string | null {
  const inner = unwrap(node);
  if (inner.type === 'ThisExpression') return 'this';
  if (inner.type === 'Identifier') return inner.name;
  if (inner.type !== 'MemberExpression') return null;
  const name = memberName(inner);
  const object = inner.object.type === 'Super' ? null : pathText(inner.object);
  return name === null || object === null ? null : `${object}.${name}`;
}

/** The variable or `this` at the beginning of a path of members; null when it begins with anything else. */
export function rootOf(node: Node): Node | null {
  let inner = unwrap(node);
  while (inner.type === 'MemberExpression') inner = unwrap(inner.object);
  return inner.type === 'Identifier' || inner.type === 'ThisExpression' ? inner : null;
}

/** Visits a node and what is in it, from the outside in, as long as `visit` returns true. */
export function walk(
  node: Node,
  keys: Readonly<Record<string, readonly string[]>>,
  visit: (node: Node) => boolean,
): void {
  if (!visit(node)) return;
  for (const child of childrenOf(node, keys)) walk(child, keys, visit);
}

/** What is directly in a node, in the order of the text. */
export function childrenOf(node: Node, keys: Readonly<Record<string, readonly string[]>>): Node[] {
  const children: Node[] = [];
  for (const key of keys[node.type] ?? []) {
    const value = (node as unknown as Record<string, unknown>)[key];
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isNode(each)) children.push(each);
  }
  return children;
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}
