import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import { isAlive } from './alive.ts';
import type { Store } from './store.ts';

/** What elements of 8 bytes need. */
const ALIGNMENT = 8;

/** A block of an allocator that does not count, and how many hold it. */
export class PlainNode {
  count = 1;
  /** Its address, when it was asked for. */
  address = 0;
  refs: (PlainNode | null)[] = [];
  ends: (() => void)[] = [];

  constructor(readonly block: Block) {}
}

/**
 * A store over an allocator that does not count. What nobody holds any more is freed, where the allocator has not ended it
 * before; nodes that refer to each other stay until it does.
 */
export class PlainStore implements Store<PlainNode> {
  readonly heap = null;
  edits = 0;

  constructor(readonly allocator: Allocator) {}

  get lasting(): this {
    return this;
  }

  make(byteLength: number, refs: number): PlainNode {
    const node = new PlainNode(this.allocator.allocUnsafe(byteLength, ALIGNMENT));
    this.reserve(node, refs);
    return node;
  }

  hold(node: PlainNode): Block {
    return node.block;
  }

  release(node: PlainNode): void {
    this.drop(node);
  }

  isHeld(held: Block): boolean {
    return isAlive(held);
  }

  view(node: PlainNode): Block {
    return node.block;
  }

  retain(node: PlainNode): void {
    node.count++;
  }

  /** Without recursion: a list of lists of lists may be as deep as there is memory. */
  drop(first: PlainNode): void {
    if (--first.count > 0) return;
    const dead = [first];
    const errors: unknown[] = [];
    for (let node = dead.pop(); node !== undefined; node = dead.pop()) {
      const { refs } = node;
      node.refs = [];
      for (const to of refs) if (to !== null && --to.count === 0) dead.push(to);
      for (const end of node.ends) end();
      try {
        if (isAlive(node.block) && this.allocator.owns(node.block)) this.allocator.free(node.block);
      } catch (error) {
        errors.push(error); // A pinned block stays with its allocator; the others are not to suffer.
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  count(node: PlainNode): number {
    return node.count;
  }

  word(node: PlainNode): number {
    if (node.address === 0) node.address = Number(node.block.address);
    return node.address;
  }

  slots(node: PlainNode): number {
    return node.refs.length;
  }

  reserve(node: PlainNode, slots: number): void {
    while (node.refs.length < slots) node.refs.push(null);
  }

  setRef(from: PlainNode, slot: number, to: PlainNode | null): void {
    const before = from.refs[slot];
    if (to !== null) to.count++;
    from.refs[slot] = to;
    if (before !== null) this.drop(before);
  }

  moveRef(from: PlainNode, slot: number, to: PlainNode): void {
    const before = from.refs[slot];
    from.refs[slot] = to;
    if (before !== null) this.drop(before);
  }

  peekRef(from: PlainNode, slot: number): PlainNode | null {
    return slot < from.refs.length ? from.refs[slot] : null;
  }

  weak(node: PlainNode): PlainNode {
    return node;
  }

  upgrade(weak: PlainNode): PlainNode | null {
    if (weak.count === 0 || !isAlive(weak.block)) return null;
    weak.count++;
    return weak;
  }

  onEnd(node: PlainNode, callback: () => void): void {
    node.ends.push(callback);
  }
}
