import type { SourceCode } from 'eslint';

import { type FunctionNode, type Node, parentOf } from '../ast.ts';

/** What the comment before a function says of ownership, and of the types of its parameters. */
export interface OwnershipTags {
  /** `@returnsOwnership`. */
  readonly returns: boolean;
  /** The names after `@takesOwnership`. */
  readonly takes: ReadonlySet<string>;
  /** `@param {Heap} heap`, for files without types: names of types by names of parameters. */
  readonly types: ReadonlyMap<string, string>;
}

export const NO_TAGS: OwnershipTags = { returns: false, takes: new Set(), types: new Map() };

/** Reads a comment. `@takesOwnership page, other` names parameters. */
export function readTags(comment: string): OwnershipTags {
  const takes = new Set<string>();
  for (const [, names = ''] of comment.matchAll(/@takesOwnership[ \t]+([\w$]+(?:[ \t]*,[ \t]*[\w$]+)*)/g)) {
    for (const name of names.split(',')) takes.add(name.trim());
  }
  const types = new Map<string, string>();
  const params = /@param\s+\{(?:import\([^)]*\)\.)?(\w+)(?:<[^}]*>)?\}\s+\[?([\w$]+)/g;
  for (const [, type = '', name = ''] of comment.matchAll(params)) types.set(name, type);
  return { returns: /@returnsOwnership\b/.test(comment), takes, types };
}

/** The tags of a function: of the comment before it, or before the statement that it is in. */
export function tagsOf(fn: FunctionNode, source: SourceCode): OwnershipTags {
  let node: Node | null = fn;
  for (let outwards = 0; node !== null && outwards < 5; outwards++) {
    const comment = source.getCommentsBefore(node as never).findLast(({ type }) => type === 'Block');
    if (comment?.value.startsWith('*') === true) return readTags(comment.value);
    if (node !== fn && !isPartOfDeclaration(node)) break;
    node = parentOf(node);
  }
  return NO_TAGS;
}

function isPartOfDeclaration(node: Node): boolean {
  return (
    node.type === 'VariableDeclarator' ||
    node.type === 'VariableDeclaration' ||
    node.type === 'CallExpression' ||
    node.type === 'MethodDefinition' ||
    node.type === 'Property' ||
    node.type === 'PropertyDefinition' ||
    node.type === 'ExportNamedDeclaration'
  );
}
