import { BlockAllocator } from './block-allocator.ts';
import { type MadeBlock, type RcHandle, native } from './native.ts';
import {
  Bit,
  CLASS_BITS,
  CLASS_MASK,
  Control,
  EXACT_SLOTS,
  EXTERNAL_CLASS,
  FIRST_INDEX,
  FREE_PHASE,
  GROUP_SHIFT,
  MAX_COUNT,
  MAX_ROOM,
  NODE_WORDS,
  Node,
  RcStatus,
  UNITS,
} from './rc-layout.ts';

/** A list of numbers that the hot path reads and writes: an Int32Array, without the methods. */
type Words = Record<number, number>;

/** Whether a value is an index that the tables can be asked for; runs no code of the value's. */
function isIndex(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value && value >= FIRST_INDEX;
}

/** The tables of a heap without memory. */
const NO_WORDS: Words = new Int32Array(0);

/** What a graph tells its heap. */
export interface RcOwner {
  /** Blocks have died whose owner is to hear of it; what its callbacks throw is thrown, or later when `quietly`. */
  disposed(quietly: boolean): void;
}

/**
 * The fast path over one core reference-counted heap, `native/core/rc_heap.h`, whose tables it shares. Blocks are indices here,
 * and what is asked of an index that is no live block is answered with a status. Whatever is more than a few words (a death
 * that frees others, a reference that is replaced, anything while a collection is under way) is the core's.
 *
 * The base class of the heap, so that a call checks one map; its functions are static, so that programs do not see them.
 */
export abstract class RcGraph extends BlockAllocator {
  #control: Words = NO_WORDS;
  // NO_WORDS too while a call of the addon may move the tables, and after one that was cut off.
  #nodes: Words = NO_WORDS;
  #edges: Words = NO_WORDS;
  #groups: Words = NO_WORDS;
  #nodesEpoch = -1;
  #edgesEpoch = -1;
  #groupsEpoch = -1;
  #handle: RcHandle | null = null;
  #owner: RcOwner | null = null;

  /** Whether a value is a graph. */
  static is(value: unknown): value is RcGraph {
    return typeof value === 'object' && value !== null && #handle in value;
  }

  /** Gives a new graph its memory; false when there is none. */
  static open(graph: RcGraph, owner: RcOwner): boolean {
    const handle = native.createRcHeap();
    if (handle === undefined) return false;
    graph.#handle = handle;
    graph.#owner = owner;
    RcGraph.#refresh(graph, handle);
    return true;
  }

  /** The core heap; null after {@link RcGraph.close}. */
  static handle(graph: RcGraph): RcHandle | null {
    return graph.#handle;
  }

  /** Ends the core heap: no index lives any more. */
  static close(graph: RcGraph): void {
    const handle = graph.#handle;
    graph.#handle = null;
    graph.#control = graph.#nodes = graph.#edges = graph.#groups = NO_WORDS;
    if (handle !== null) native.destroyRcHeap(handle);
  }

  // ---- The fast path ---------------------------------------------------------------------------------------------

  /**
   * A block of a class with as many empty references and one handle, `slack` bytes shorter than the class; 0 when that is for
   * {@link RcGraph.make}.
   */
  static take(graph: RcGraph, sizeClass: number, slots: number, slack: number): number {
    const control = graph.#control;
    const index = control[Control.FREE + sizeClass];
    const room = control[Control.ROOM] - UNITS[sizeClass];
    if (index === 0 || room < 0) return 0;
    const nodes = graph.#nodes;
    const at = index * NODE_WORDS;
    const run = nodes[at + Node.REFS];
    // A run that is too long for its block, or too short, is for the core to change.
    if ((run === 0 ? 0 : graph.#edges[run]) !== slots) return 0;
    control[Control.FREE + sizeClass] = nodes[at + Node.LINK];
    control[Control.ROOM] = room;
    control[Control.LIVE]++;
    nodes[at + Node.LINK] = 0;
    nodes[at + Node.WORD] |= Bit.LIVE | (slack << Bit.SLACK_SHIFT);
    nodes[at + Node.HANDLES] = 1;
    return index;
  }

  /** One more handle. */
  static retain(graph: RcGraph, index: number): RcStatus {
    if (isIndex(index)) {
      const nodes = graph.#nodes;
      const at = index * NODE_WORDS;
      const handles = nodes[at + Node.HANDLES];
      // Of a block without a handle a collection may have to hear.
      if ((nodes[at + Node.WORD] & Bit.LIVE) !== 0 && handles > 0 && handles < MAX_COUNT) {
        nodes[at + Node.HANDLES] = handles + 1;
        return RcStatus.OK;
      }
    }
    return RcGraph.#call(graph, (handle) => native.rcRetain(handle, index), true);
  }

  /** One handle less. */
  static release(graph: RcGraph, index: number, quietly = false): RcStatus {
    const nodes = graph.#nodes;
    const at = isIndex(index) ? index * NODE_WORDS : 0;
    const word = nodes[at + Node.WORD];
    if ((word & Bit.LIVE) !== 0) {
      const handles = nodes[at + Node.HANDLES];
      if (handles > 1) {
        nodes[at + Node.HANDLES] = handles - 1;
        return RcStatus.OK;
      }
      // The death of a block that refers to nothing, and whose death concerns nobody.
      if (
        handles === 1 &&
        nodes[at + Node.EDGES] === 0 &&
        nodes[at + Node.REFS] === 0 &&
        nodes[at + Node.LINK] === 0 &&
        (word & ~(Bit.GENERATIONS | Bit.SLACK | Bit.LIVE)) === 0
      ) {
        const control = graph.#control;
        const sizeClass = graph.#groups[index >> GROUP_SHIFT] & CLASS_MASK;
        const room = control[Control.ROOM] + UNITS[sizeClass];
        if (room < MAX_ROOM) {
          nodes[at + Node.WORD] = word & Bit.GENERATIONS;
          nodes[at + Node.HANDLES] = 0;
          nodes[at + Node.LINK] = control[Control.FREE + sizeClass];
          control[Control.FREE + sizeClass] = index;
          control[Control.ROOM] = room;
          control[Control.LIVE]--;
          return RcStatus.OK;
        }
      }
    }
    return RcGraph.#call(graph, (handle) => native.rcRelease(handle, index), quietly);
  }

  /** Makes a reference of `from` lead to `to`, or with 0 nowhere. */
  static setRef(graph: RcGraph, from: number, slot: number, to: number): RcStatus {
    if (RcGraph.#isFree(graph, from, slot) && RcGraph.#takesEdge(graph, to)) {
      graph.#edges[graph.#nodes[from * NODE_WORDS + Node.REFS] + 1 + slot] = to;
      graph.#nodes[to * NODE_WORDS + Node.EDGES]++;
      graph.#control[Control.EDGES]++;
      return RcStatus.OK;
    }
    return RcGraph.#call(graph, (handle) => native.rcSetRef(handle, from, slot, to));
  }

  /** The same, and a handle of `to` is given up for it. */
  static moveRef(graph: RcGraph, from: number, slot: number, to: number): RcStatus {
    const nodes = graph.#nodes;
    // What a block with a handle refers to is no garbage before that has lost its own.
    if (
      RcGraph.#isFree(graph, from, slot) &&
      RcGraph.#takesEdge(graph, to) &&
      from !== to &&
      nodes[from * NODE_WORDS + Node.HANDLES] > 0 &&
      nodes[to * NODE_WORDS + Node.HANDLES] > 0
    ) {
      graph.#edges[nodes[from * NODE_WORDS + Node.REFS] + 1 + slot] = to;
      nodes[to * NODE_WORDS + Node.EDGES]++;
      nodes[to * NODE_WORDS + Node.HANDLES]--;
      graph.#control[Control.EDGES]++;
      return RcStatus.OK;
    }
    return RcGraph.#call(graph, (handle) => native.rcMoveRef(handle, from, slot, to));
  }

  /** What a reference leads to; 0 for nothing, -1 when there is no such live block or reference. */
  static refOf(graph: RcGraph, from: number, slot: number): number {
    if (graph.#nodes === NO_WORDS) RcGraph.#heal(graph);
    if (!RcGraph.#hasSlot(graph, from, slot)) return -1;
    return graph.#edges[graph.#nodes[from * NODE_WORDS + Node.REFS] + 1 + slot];
  }

  /** Whether an index is a live block. */
  static isLive(graph: RcGraph, index: number): boolean {
    if (graph.#nodes === NO_WORDS) RcGraph.#heal(graph);
    if (!isIndex(index)) return false;
    const word = graph.#nodes[index * NODE_WORDS];
    if ((word & Bit.LIVE) === 0) return false;
    // What a collection has found to be garbage is dead, all of it at once.
    return (word & (Bit.SET | Bit.RESCUED)) - Bit.SET !== 0 || graph.#control[Control.PHASE] !== FREE_PHASE;
  }

  // A reference that leads nowhere yet, while no collection is under way.
  static #isFree(graph: RcGraph, from: number, slot: number): boolean {
    return (
      graph.#control[Control.PHASE] === 0 &&
      RcGraph.#hasSlot(graph, from, slot) &&
      graph.#edges[graph.#nodes[from * NODE_WORDS + Node.REFS] + 1 + slot] === 0
    );
  }

  static #hasSlot(graph: RcGraph, from: number, slot: number): boolean {
    if (!isIndex(from) || typeof slot !== 'number' || (slot | 0) !== slot || slot < 0) return false;
    const at = from * NODE_WORDS;
    if ((graph.#nodes[at] & Bit.LIVE) === 0) return false;
    const run = graph.#nodes[at + Node.REFS];
    return run !== 0 && slot < graph.#edges[run];
  }

  static #takesEdge(graph: RcGraph, to: number): boolean {
    if (!isIndex(to)) return false;
    const at = to * NODE_WORDS;
    return (graph.#nodes[at] & Bit.LIVE) !== 0 && graph.#nodes[at + Node.EDGES] < MAX_COUNT;
  }

  // ---- What a block is -------------------------------------------------------------------------------------------

  /** The counts of a live block. */
  static handlesOf(graph: RcGraph, index: number): number {
    return RcGraph.isLive(graph, index) ? graph.#nodes[index * NODE_WORDS + Node.HANDLES] : 0;
  }

  static edgesOf(graph: RcGraph, index: number): number {
    return RcGraph.isLive(graph, index) ? graph.#nodes[index * NODE_WORDS + Node.EDGES] : 0;
  }

  /** How many references a live block has. */
  static slotsOf(graph: RcGraph, index: number): number {
    if (!RcGraph.isLive(graph, index)) return 0;
    const run = graph.#nodes[index * NODE_WORDS + Node.REFS];
    return run === 0 ? 0 : graph.#edges[run];
  }

  /** The slab and the class of an index that was ever used; those of no slab are -1 and the external class. */
  static slabOf(graph: RcGraph, index: number): number {
    return (graph.#groups[index >> GROUP_SHIFT] >> CLASS_BITS) - 1;
  }

  static classOf(graph: RcGraph, index: number): number {
    return graph.#groups[index >> GROUP_SHIFT] & CLASS_MASK;
  }

  /** The bytes that were asked for of a block of a slab, which lives or was just disposed. */
  static lengthOf(graph: RcGraph, index: number): number {
    const slack = (graph.#nodes[index * NODE_WORDS] & Bit.SLACK) >> Bit.SLACK_SHIFT;
    return UNITS[RcGraph.classOf(graph, index)] * 16 - slack;
  }

  /** Notes how many bytes less than its class a block has. */
  static setSlack(graph: RcGraph, index: number, slack: number): void {
    const at = index * NODE_WORDS;
    graph.#nodes[at] = (graph.#nodes[at] & ~Bit.SLACK) | (slack << Bit.SLACK_SHIFT);
  }

  /** Which life of its index a live block is, of those that had weak references. */
  static generationOf(graph: RcGraph, index: number): number {
    return (graph.#nodes[index * NODE_WORDS] & Bit.GENERATIONS) >> Bit.GENERATION_SHIFT;
  }

  /** One figure of the control block. */
  static word(graph: RcGraph, word: Control): number {
    return graph.#control[word] ?? 0;
  }

  // ---- Slow paths ------------------------------------------------------------------------------------------------

  /** A block, by the core: its index, what came with it, or minus a status. Not of more bytes than a slab's blocks have. */
  static make(graph: RcGraph, bytes: number, slots: number): number | MadeBlock {
    const handle = graph.#handle;
    if (handle === null) return -RcStatus.NOT_LIVE;
    const nodes = graph.#nodes;
    graph.#nodes = NO_WORDS;
    const made = native.rcAllocate(handle, bytes, slots);
    RcGraph.#follow(graph, handle, nodes);
    return made;
  }

  /** A block whose memory the caller has. */
  static makeExternal(graph: RcGraph, slots: number): number {
    const handle = graph.#handle;
    if (handle === null) return -RcStatus.NOT_LIVE;
    const fast = slots <= EXACT_SLOTS ? RcGraph.take(graph, EXTERNAL_CLASS, slots, 0) : 0;
    if (fast !== 0) {
      graph.#nodes[fast * NODE_WORDS] |= Bit.NOTIFY;
      return fast;
    }
    const nodes = graph.#nodes;
    graph.#nodes = NO_WORDS;
    const made = native.rcAllocateExternal(handle, slots);
    RcGraph.#follow(graph, handle, nodes);
    return made;
  }

  /** Gives a block more references. */
  static reserveRefs(graph: RcGraph, index: number, slots: number): RcStatus {
    const handle = graph.#handle;
    if (handle === null) return RcStatus.NOT_LIVE;
    const nodes = graph.#nodes;
    graph.#nodes = NO_WORDS;
    const status = native.rcReserveRefs(handle, index, slots);
    RcGraph.#follow(graph, handle, nodes);
    RcGraph.#settle(graph, true);
    return status;
  }

  /** Makes the owner hear of deaths that a call of the addon has left. */
  static #settle(graph: RcGraph, quietly: boolean): void {
    if (graph.#control[Control.DISPOSED] > 0) graph.#owner?.disposed(quietly);
  }

  /** The same for whoever has called the addon. */
  static settle(graph: RcGraph, quietly = false): void {
    if (graph.#nodes === NO_WORDS) RcGraph.#heal(graph);
    RcGraph.#settle(graph, quietly);
  }

  static #call(graph: RcGraph, of: (handle: RcHandle) => RcStatus, quietly = false): RcStatus {
    const handle = graph.#handle;
    if (handle === null) return RcStatus.NOT_LIVE;
    if (graph.#nodes === NO_WORDS) RcGraph.#refresh(graph, handle);
    const status = of(handle);
    RcGraph.#settle(graph, quietly);
    return status;
  }

  static #heal(graph: RcGraph): void {
    if (graph.#handle !== null) RcGraph.#refresh(graph, graph.#handle);
  }

  /** After a call that may have moved the tables, which `nodes` was one of. */
  static #follow(graph: RcGraph, handle: RcHandle, nodes: Words): void {
    const control = graph.#control;
    if (
      control[Control.NODES_EPOCH] === graph.#nodesEpoch &&
      control[Control.EDGES_EPOCH] === graph.#edgesEpoch &&
      control[Control.GROUPS_EPOCH] === graph.#groupsEpoch
    )
      graph.#nodes = nodes;
    else RcGraph.#refresh(graph, handle);
  }

  /** Takes the tables as they are now: they move when they grow. `#nodes` last: without it nothing else is looked at. */
  static #refresh(graph: RcGraph, handle: RcHandle): void {
    const { control, nodes, groups, edges } = native.rcTables(handle);
    graph.#control = control;
    graph.#groups = groups ?? NO_WORDS;
    graph.#edges = edges ?? NO_WORDS;
    graph.#nodesEpoch = control[Control.NODES_EPOCH];
    graph.#edgesEpoch = control[Control.EDGES_EPOCH];
    graph.#groupsEpoch = control[Control.GROUPS_EPOCH];
    graph.#nodes = nodes ?? NO_WORDS;
  }
}
