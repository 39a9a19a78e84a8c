import type { Scope, SourceCode } from 'eslint';

import { type FunctionNode, type Node, isFunction, parentOf } from '../ast.ts';
import { type OwnershipTags, tagsOf } from '../model/jsdoc.ts';
import { importOf } from '../model/modules.ts';
import { Types } from '../model/types.ts';
import type { Value } from './value.ts';

/** What the analysis of all functions of a file has in common. */
export class FileContext {
  readonly source: SourceCode;
  readonly types: Types | null;
  readonly #variables = new Map<Node, Scope.Variable>();
  readonly #imports = new Map<Scope.Variable, Value | null>();
  readonly #tags = new Map<FunctionNode, OwnershipTags>();

  constructor(source: SourceCode) {
    this.source = source;
    this.types = Types.of(source);
    for (const scope of source.scopeManager.scopes) {
      for (const { identifier, resolved } of scope.references)
        if (resolved !== null) this.#variables.set(identifier as Node, resolved);
      for (const variable of scope.variables)
        for (const identifier of variable.identifiers) this.#variables.set(identifier, variable);
    }
  }

  /** The variable that an identifier declares or refers to; undefined for globals. */
  variableOf(identifier: Node): Scope.Variable | undefined {
    return this.#variables.get(identifier);
  }

  /** What a variable is when it is imported; null for every other. */
  importOf(variable: Scope.Variable): Value | null {
    let value = this.#imports.get(variable);
    if (value === undefined) this.#imports.set(variable, (value = importOf(variable)));
    return value;
  }

  /** What the comment before a function says. */
  tagsOf(fn: FunctionNode): OwnershipTags {
    let tags = this.#tags.get(fn);
    if (tags === undefined) this.#tags.set(fn, (tags = tagsOf(fn, this.source)));
    return tags;
  }

  /** The variables that a node's own scope has; none for a node without one. */
  variablesOf(node: Node): Scope.Variable[] {
    const inner = this.source.scopeManager.acquire(node, true);
    const outer = this.source.scopeManager.acquire(node);
    if (inner === null || outer === null || inner === outer) return inner?.variables ?? [];
    return [...outer.variables, ...inner.variables];
  }

  /** The function that a variable always is: of a declaration, or of a `const`. */
  functionOf(variable: Scope.Variable): FunctionNode | null {
    const definition = variable.defs.at(0);
    if (definition?.type === 'FunctionName' && isFunction(definition.node)) return definition.node;
    if (definition?.type !== 'Variable') return null;
    const { node, parent } = definition;
    return parent.kind === 'const' && isFunction(node.init) && node.id.type === 'Identifier'
      ? node.init
      : null;
  }

  /** Variables from outside of a function that it refers to. */
  capturedBy(fn: Node): Scope.Variable[] {
    const scope = this.source.scopeManager.acquire(fn);
    const captured = new Set<Scope.Variable>();
    for (const { resolved } of scope?.through ?? []) if (resolved !== null) captured.add(resolved);
    return [...captured];
  }

  /** Whether a variable is declared in `root`, or in what is in it. */
  isDeclaredIn(variable: Scope.Variable, root: Node): boolean {
    for (let scope: Scope.Scope | null = variable.scope; scope !== null; scope = scope.upper) {
      if (scope.block === root) return true;
    }
    return false;
  }

  /** The innermost class around a node. */
  classAround(node: Node): Node | null {
    for (let outer = parentOf(node); outer !== null; outer = parentOf(outer)) {
      if (outer.type === 'ClassDeclaration' || outer.type === 'ClassExpression') return outer;
    }
    return null;
  }

  /** The text of a node. */
  textOf(node: Node): string {
    return this.source.getText(node);
  }
}
