import { fileURLToPath } from 'node:url';

import type { SourceCode } from 'eslint';
import type * as ts from 'typescript';

import type { Node } from '../ast.ts';
import { type OwnershipTags, readTags } from './jsdoc.ts';
import { TYPES } from './kinds.ts';

// What TypeScript knows, where the parser has brought it along. Nothing of TypeScript is loaded here.

/** What typescript-eslint's parser offers when it was given a project. */
interface Services {
  readonly program: ts.Program | null;
  readonly esTreeNodeToTSNodeMap: { get(node: unknown): ts.Node | undefined };
}

/** The type of a value, as far as it is one of this package. */
export interface OurType {
  /** A name of {@link TYPES}. */
  readonly name: string;
  readonly nullable: boolean;
  /** The name of the type argument: the `Block` of `Owned<Block>`. */
  readonly of: string | null;
  readonly isPromise: boolean;
}

/** What the signature of a called function says. */
export interface Signature {
  readonly returns: OurType | null;
  /** By position: what becomes of the argument. */
  readonly parameters: readonly ('takes' | 'borrows' | 'unknown')[];
  readonly returnsOwnership: boolean;
  readonly neverReturns: boolean;
}

/** The folder that this package is in, whatever it is called there, as TypeScript writes paths. */
const HOME = fileURLToPath(new URL('../../../', import.meta.url)).replaceAll('\\', '/');

/** Asks the type checker of a program. */
export class Types {
  readonly #services: Services;
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;

  private constructor(services: Services, program: ts.Program) {
    this.#services = services;
    this.#program = program;
    this.#checker = program.getTypeChecker();
  }

  /** Null when the parser has no types, as ESLint's own. */
  static of(source: SourceCode): Types | null {
    const services = source.parserServices as Partial<Services> | undefined;
    if (services?.program === undefined || services.program === null) return null;
    return new Types(services as Services, services.program);
  }

  /** What an expression is, or null when it is nothing of this package. */
  ofExpression(node: Node): OurType | null {
    return this.#ask(node, (tsNode) => this.#read(this.#checker.getTypeAtLocation(tsNode)));
  }

  /** Whether an expression is an object of node's that is called so. */
  isOfNode(node: Node, name: string): boolean {
    return this.#ask(node, (tsNode) => this.#checker.getTypeAtLocation(tsNode).getSymbol()?.name) === name;
  }

  /** What the function that is called says of its result and its parameters. */
  ofCall(node: Node): Signature | null {
    return this.#ask(node, (tsNode) => {
      const signature = this.#checker.getResolvedSignature(tsNode as ts.CallLikeExpression);
      return signature === undefined ? null : this.#readSignature(signature);
    });
  }

  /**
   * Null as well where TypeScript throws: a file that is read a second time in CI has a program of its own, without the files that it
   * imports, and TypeScript may not find the words for what is missing there.
   */
  #ask<T>(node: Node, question: (tsNode: ts.Node) => T): T | null {
    const tsNode = this.#services.esTreeNodeToTSNodeMap.get(node);
    if (tsNode === undefined) return null;
    try {
      return question(tsNode);
    } catch {
      return null;
    }
  }

  #readSignature(signature: ts.Signature): Signature {
    const tags = this.#tagsOf(signature);
    const parameters = signature.getParameters().map((parameter) => {
      if (tags.takes.has(parameter.name)) return 'takes';
      const our = this.#read(this.#checker.getTypeOfSymbol(parameter));
      if (our?.name === 'Owned' || our?.name === 'AsyncOwned') return 'takes';
      return our?.name === 'Borrowed' || our?.name === 'BorrowedMut' ? 'borrows' : 'unknown';
    });
    const type = signature.getReturnType();
    // What `map.get(…)` gives out belongs to whoever has put it there, whatever its type.
    const file = signature.declaration?.getSourceFile();
    const isOfLanguage = file !== undefined && this.#program.isSourceFileDefaultLibrary(file);
    return {
      returns: isOfLanguage ? null : this.#read(type),
      parameters,
      returnsOwnership: tags.returns,
      neverReturns: intrinsicNameOf(type) === 'never',
    };
  }

  #tagsOf(signature: ts.Signature): OwnershipTags {
    const tags = signature.getJsDocTags();
    if (tags.length === 0) return readTags('');
    return readTags(
      tags.map(({ name, text }) => `@${name} ${(text ?? []).map((each) => each.text).join('')}`).join('\n'),
    );
  }

  #read(type: ts.Type): OurType | null {
    const parts = type.isUnion() ? type.types : [type];
    let found: OurType | null = null;
    let nullable = false;
    for (const part of parts) {
      const our = this.#readOne(part);
      if (our === null) {
        // Anything else beside it, and nothing can be said.
        const name = intrinsicNameOf(part);
        if (name !== 'null' && name !== 'undefined') return null;
        nullable = true;
      } else if (found !== null) return null;
      else found = our;
    }
    return found === null ? null : { ...found, nullable: nullable || found.nullable };
  }

  #readOne(type: ts.Type): OurType | null {
    const symbol = type.getSymbol();
    if (symbol === undefined) return null;
    const reference = type as Partial<ts.TypeReference>;
    const [argument] =
      reference.target === undefined ? [] : this.#checker.getTypeArguments(type as ts.TypeReference);
    if (symbol.name === 'Promise' && argument !== undefined) {
      const inner = this.#read(argument);
      return inner === null ? null : { ...inner, isPromise: true };
    }
    if (!TYPES.has(symbol.name) || !isOurs(symbol)) return null;
    const of = argument?.getSymbol()?.name ?? null;
    return { name: symbol.name, nullable: false, of, isPromise: false };
  }
}

function isOurs(symbol: ts.Symbol): boolean {
  const file = symbol.declarations?.[0]?.getSourceFile().fileName;
  return file !== undefined && (file.startsWith(HOME) || file.includes('/node_modules/freehold/'));
}

/**
 * What the language calls a type of its own: `'never'`, `'null'`. The numbers of flags are others in each version of TypeScript, and
 * a type in words (`typeToString`) may need the names of modules, which a program of one file cannot give.
 */
function intrinsicNameOf(type: ts.Type): string | undefined {
  const name: unknown = Reflect.get(type, 'intrinsicName');
  return typeof name === 'string' ? name : undefined;
}
