import type { Block } from '../block.ts';
import { Stamped } from '../exposure.ts';
import type { Store, StoreNode } from './store.ts';

/** One handle of a node, which an object of a collection has. */
export class Held {
  store: Store;
  readonly node: StoreNode;
  readonly block: Block;

  /** Takes the caller's handle over, also when it fails. */
  constructor(store: Store, node: StoreNode) {
    this.store = store;
    this.node = node;
    try {
      this.block = store.hold(node);
    } catch (error) {
      store.drop(node);
      throw error;
    }
  }

  /** A new node with one handle. */
  static make(store: Store, byteLength: number, refs = 0): Held {
    return new Held(store, store.make(byteLength, refs));
  }

  /** One more handle of the same node. */
  share(): Held {
    this.store.retain(this.node);
    return new Held(this.store, this.node);
  }

  /** What holds it is from now on no scope's: see {@link Store.lasting}. */
  outlast(): void {
    this.store = this.store.lasting;
  }

  release(): void {
    this.store.release(this.node, this.block);
  }

  /** Whether the memory is there, and still held. Blocks of collections have at least one byte. */
  get attached(): boolean {
    return this.store.isHeld(this.block);
  }

  /** How many hold the node. */
  get count(): number {
    return this.store.count(this.node);
  }
}

/** Makes a view that a program gets keep the memory that it shows from being released as dropped. */
export class Keeping extends Stamped<ArrayBufferView> {
  readonly #held: Held;

  constructor(view: ArrayBufferView, held: Held) {
    super(view);
    this.#held = held;
  }

  /** What a view keeps; undefined for one that keeps nothing. */
  static of(view: object): Held | undefined {
    return #held in view ? view.#held : undefined;
  }
}
