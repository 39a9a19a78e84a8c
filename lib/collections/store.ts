import type { Allocator } from '../allocator.ts';
import { AutomaticAllocator } from '../automatic-allocator.ts';
import type { Block } from '../block.ts';
import { RcHeap } from '../rc-heap.ts';
import { PlainStore, type PlainNode } from './plain-store.ts';
import { RcStore } from './rc-store.ts';
import { ScopedStore } from './scoped-store.ts';

/** A counted block of a store. What it is, is the store's own affair: a handle of a heap, or an object. */
export type StoreNode = number | PlainNode;

/**
 * Counted blocks that refer to each other, over an allocator: what collections are made of. Over an `RcHeap`, or a scope of one, the counts
 * and the references are the heap's, and it finds cycles; over any other allocator they are kept here, and a cycle lasts until
 * the allocator ends it.
 */
export interface Store<N extends StoreNode = StoreNode> {
  readonly allocator: Allocator;
  /** The heap, for programs that work with its handles; null over anything else. */
  readonly heap: RcHeap | null;
  /** The store of the same nodes that is there when a scope has ended: this one but for a scope's. */
  readonly lasting: Store<N>;
  /** Counts changes of lists of the same memory, so that whoever calls back can see that there were some. */
  edits: number;
  /** A block of at least one byte, whose content is not set, with one handle and room for references. */
  make(byteLength: number, refs: number): N;
  /** The block of a node, in exchange for a handle of it, which {@link Store.release} of both gives up. */
  hold(node: N): Block;
  release(node: N, held: Block): void;
  /** Whether what {@link Store.hold} gave still holds the node, and its memory is there. */
  isHeld(held: Block): boolean;
  /** The block of a node that something else holds. */
  view(node: N): Block;
  retain(node: N): void;
  /** Gives up a handle that no {@link Store.hold} has taken. */
  drop(node: N): void;
  /** Handles and references. */
  count(node: N): number;
  /** How values name it: the handle of a heap, or the address of the block. */
  word(node: N): number;
  /** How many references there is room for, and room for more. */
  slots(node: N): number;
  reserve(node: N, slots: number): void;
  setRef(from: N, slot: number, to: N | null): void;
  /** The same, and a handle of `to` becomes the reference. */
  moveRef(from: N, slot: number, to: N): void;
  /** What a reference leads to; nobody has taken a handle of it. */
  peekRef(from: N, slot: number): N | null;
  /** Something that names this life of a node, for {@link Store.upgrade}, which gives a handle, or null when it is over. */
  weak(node: N): N;
  upgrade(weak: N): N | null;
  /** Calls back when a node has died; it is no node any more then. Not when its allocator ends everything by itself. */
  onEnd(node: N, callback: () => void): void;
}

const stores = new WeakMap<Allocator, Store>();

/** The store over an allocator: always the same one. */
export function storeOf(allocator: Allocator): Store {
  let store = stores.get(allocator);
  if (store === undefined) {
    if (allocator instanceof RcHeap) store = new RcStore(allocator);
    else if (allocator instanceof AutomaticAllocator)
      store = new ScopedStore(allocator, storeOf(allocator.heap) as Store<number>);
    else store = new PlainStore(allocator);
    stores.set(allocator, store);
  }
  return store;
}

/** Whether nodes of one store can refer to those of another: the scopes of a heap have the nodes of the heap. */
export function areOne(store: Store, other: Store): boolean {
  return store === other || (store.heap !== null && store.heap === other.heap);
}
