import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import type { RcHeap } from '../rc-heap.ts';
import { isAlive } from './alive.ts';
import type { Store } from './store.ts';

/** A store over a reference-counted heap: its nodes are handles. */
export class RcStore implements Store<number> {
  readonly allocator: Allocator;
  readonly heap: RcHeap;
  #edits = 0;

  constructor(heap: RcHeap, allocator: Allocator = heap) {
    this.heap = heap;
    this.allocator = allocator;
  }

  get lasting(): Store<number> {
    return this;
  }

  get edits(): number {
    return this.#edits;
  }

  set edits(edits: number) {
    this.#edits = edits;
  }

  make(byteLength: number, refs: number): number {
    return this.heap.allocHandle(byteLength, refs);
  }

  /** An `Rc`, so that what a program drops is released. */
  hold(node: number): Block {
    return this.heap.adopt(node);
  }

  release(_node: number, held: Block): void {
    if (!this.heap.disposed) this.heap.free(held);
  }

  isHeld(held: Block): boolean {
    return isAlive(held);
  }

  view(node: number): Block {
    return this.heap.view(node);
  }

  retain(node: number): void {
    this.heap.retain(node);
  }

  drop(node: number): void {
    if (!this.heap.disposed) this.heap.release(node);
  }

  count(node: number): number {
    return this.heap.refCount(node);
  }

  word(node: number): number {
    return node;
  }

  slots(node: number): number {
    return this.heap.refSlots(node);
  }

  reserve(node: number, slots: number): void {
    this.heap.reserveRefs(node, slots);
  }

  setRef(from: number, slot: number, to: number | null): void {
    this.heap.setRef(from, slot, to ?? 0);
  }

  moveRef(from: number, slot: number, to: number): void {
    this.heap.moveRef(from, slot, to);
  }

  peekRef(from: number, slot: number): number | null {
    if (slot >= this.heap.refSlots(from)) return null;
    const to = this.heap.peekRef(from, slot);
    return to === 0 ? null : to;
  }

  weak(node: number): number {
    return this.heap.weakHandle(node);
  }

  upgrade(weak: number): number | null {
    const node = this.heap.upgrade(weak);
    return node === 0 ? null : node;
  }

  onEnd(node: number, callback: () => void): void {
    this.heap.onDispose(node, callback);
  }
}
