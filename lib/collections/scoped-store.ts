import type { AutomaticAllocator } from '../automatic-allocator.ts';
import { scopeOf } from '../automatic-allocator.ts';
import type { Block } from '../block.ts';
import { disposedOf } from '../validate.ts';
import { RcStore } from './rc-store.ts';
import type { Store } from './store.ts';

/** The store over a reference-counted heap for one scope, which releases at its end what the program has not. */
export class ScopedStore extends RcStore {
  readonly #scope: AutomaticAllocator;
  readonly #base: Store<number>;

  constructor(scope: AutomaticAllocator, base: Store<number>) {
    super(scope.heap, scope);
    this.#scope = scope;
    this.#base = base;
  }

  override get lasting(): Store<number> {
    return this.#base;
  }

  /** Of the heap: other scopes change the same lists. */
  override get edits(): number {
    return this.#base.edits;
  }

  override set edits(edits: number) {
    this.#base.edits = edits;
  }

  override make(byteLength: number, refs: number): number {
    if (this.#scope.disposed) throw disposedOf(`automatic allocator "${this.heap.name}"`);
    return super.make(byteLength, refs);
  }

  override hold(node: number): Block {
    return this.#scope.adopt(node);
  }

  override release(_node: number, held: Block): void {
    // At its end the scope has released what it had.
    if (scopeOf(held) === this.#scope) this.#scope.free(held);
    else held[Symbol.dispose]();
  }
}
