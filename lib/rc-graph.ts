import { BlockAllocator } from './block-allocator.ts';
import { type MadeBlock, type RcHandle, native } from './native.ts';
import {
  Bit,
  CLASSES,
  Control,
  EXACT_SLOTS,
  EXTERNAL_BYTES,
  FIRST_INDEX,
  FREE_PHASE,
  Layout,
  MAX_COUNT,
  MAX_ROOM,
  Node,
  RcStatus,
  Size,
  UNITS,
} from './rc-layout.ts';

const { Object: AnyObject } = globalThis;

/** A list of numbers that the hot path reads and writes: an Int32Array, without the methods. */
type Words = Record<number, number>;

/** The tables of a heap without memory. */
const NO_WORDS: Words = new Int32Array(0);
// By names of this module: an imported one is looked up at each use.
const units = UNITS;
const firstIndex = FIRST_INDEX;
const classes = CLASSES;
const maxCount = MAX_COUNT;
const maxRoom = MAX_ROOM;
/** Of a live block whose death concerns nobody. */
const PLAIN_BITS = Bit.GENERATIONS | Bit.SLACK | Bit.LIVE;

/** Whether a value is an index that the tables can be asked for; runs no code of the value's. */
function isIndex(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value && value >= firstIndex;
}

/** Whether a value may be the number of a reference. */
function isSlot(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value && value >= 0;
}

/** As many free nodes are looked at for one that fits. */
const NEIGHBOURS = 4;

/** What a graph tells its heap. */
export interface RcOwner {
  /** Blocks have died whose owner is to hear of it; what its callbacks throw is thrown, or later when `quietly`. */
  disposed(quietly: boolean): void;
}

/**
 * The fast path over one core reference-counted heap, `native/core/rc_heap.h`, whose tables it shares. Blocks are indices here,
 * and what is asked of an index that is no live block is answered with a status. Whatever is more than a few words (a death
 * that frees others, anything that changes the graph while a collection is under way) is the core's.
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
  #automatic = true;
  #owner: RcOwner | null = null;

  /** Whether a value is a graph. */
  static is(value: unknown): value is RcGraph {
    // As in lib/slots.ts: shorter code than by `typeof`, as that it is an object then follows from its map.
    return value instanceof AnyObject && #handle in value;
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

  /** Whether collections begin by themselves, and how many nanoseconds one may hold up the program; 0 for no bound. */
  static setAutomatic(graph: RcGraph, automatic: boolean, nanoseconds: number): void {
    if (graph.#handle === null) return;
    graph.#automatic = automatic;
    native.rcSetAutomatic(graph.#handle, automatic, nanoseconds);
  }

  /** Ends the core heap: no index lives any more. */
  static close(graph: RcGraph): void {
    const handle = graph.#handle;
    graph.#handle = null;
    graph.#control = graph.#nodes = graph.#edges = graph.#groups = NO_WORDS;
    if (handle !== null) native.destroyRcHeap(handle);
  }

  // ---- The fast path ---------------------------------------------------------------------------------------------

  // No closures in here, no private functions but for what is not the usual case, and every table read once: a closure that is
  // only made in the rare case still costs a context at each call, 5 ns, and a private function a check of its receiver.

  /**
   * A block of the class of `rounded` bytes, of which `size` were asked for, with as many empty references and one handle; 0
   * when that is for {@link RcGraph.make}.
   */
  static take(graph: RcGraph, rounded: number, slots: number, size: number): number {
    const control = graph.#control;
    const sizeClass = classes[(rounded + 15) >> 4];
    const index = control[Control.FREE + sizeClass];
    const room = control[Control.ROOM] - units[sizeClass];
    if (index === 0 || room < 0) return 0;
    const nodes = graph.#nodes;
    const at = index * Size.NODE_WORDS;
    const run = nodes[at + Node.REFS];
    // A run that is too long for its block, or too short, is for the core to change, unless one of the next fits.
    if ((run === 0 ? 0 : graph.#edges[run]) !== slots)
      return RcGraph.#takeNext(graph, index, slots) ? RcGraph.take(graph, rounded, slots, size) : 0;
    control[Control.FREE + sizeClass] = nodes[at + Node.LINK];
    control[Control.ROOM] = room;
    control[Control.LIVE]++;
    nodes[at + Node.LINK] = 0;
    nodes[at + Node.WORD] |= Bit.LIVE | ((units[sizeClass] * 16 - size) << Bit.SLACK_SHIFT);
    nodes[at + Node.HANDLES] = 1;
    return index;
  }

  /** One more handle. */
  static retain(graph: RcGraph, index: number): RcStatus {
    if (isIndex(index)) {
      const nodes = graph.#nodes;
      const at = index * Size.NODE_WORDS;
      const handles = nodes[at + Node.HANDLES];
      // Of a block without a handle a collection may have to hear.
      if ((nodes[at + Node.WORD] & Bit.LIVE) !== 0 && handles > 0 && handles < maxCount) {
        nodes[at + Node.HANDLES] = handles + 1;
        return RcStatus.OK;
      }
    }
    return RcGraph.#retainReferred(graph, index);
  }

  /** One handle less. */
  static release(graph: RcGraph, index: number): RcStatus {
    if (isIndex(index)) {
      const nodes = graph.#nodes;
      const at = index * Size.NODE_WORDS;
      const word = nodes[at + Node.WORD];
      const handles = nodes[at + Node.HANDLES];
      if ((word & Bit.LIVE) !== 0) {
        if (handles > 1) {
          nodes[at + Node.HANDLES] = handles - 1;
          return RcStatus.OK;
        }
        // The death of a block that refers to nothing, and whose death concerns nobody.
        if (
          handles === 1 &&
          (nodes[at + Node.EDGES] | nodes[at + Node.REFS] | nodes[at + Node.LINK] | (word & ~PLAIN_BITS)) ===
            0 &&
          bury(graph.#control, nodes, graph.#groups, index, word)
        )
          return RcStatus.OK;
      }
    }
    return RcGraph.#releaseReferred(graph, index);
  }

  /** Makes a reference of `from` lead to `to`, or with 0 nowhere. */
  static setRef(graph: RcGraph, from: number, slot: number, to: number): RcStatus {
    if (isIndex(from) && isSlot(slot) && isIndex(to) && graph.#control[Control.PHASE] === 0) {
      const nodes = graph.#nodes;
      const edges = graph.#edges;
      const at = from * Size.NODE_WORDS;
      const target = to * Size.NODE_WORDS;
      const run = nodes[at + Node.REFS];
      if (
        run > 0 &&
        slot < edges[run] &&
        (nodes[at + Node.WORD] & nodes[target + Node.WORD] & Bit.LIVE) !== 0 &&
        nodes[target + Node.EDGES] < maxCount
      ) {
        const place = run + 1 + slot;
        const before = edges[place];
        if (before === 0) {
          edges[place] = to;
          nodes[target + Node.EDGES]++;
          graph.#control[Control.EDGES]++;
          return RcStatus.OK;
        }
        if (before === to) return RcStatus.OK;
        if (canLoseEdge(nodes, before * Size.NODE_WORDS)) {
          edges[place] = to;
          nodes[target + Node.EDGES]++;
          nodes[before * Size.NODE_WORDS + Node.EDGES]--;
          return RcStatus.OK;
        }
      }
    }
    return to === 0 && RcGraph.#clearRef(graph, from, slot)
      ? RcStatus.OK
      : RcGraph.#setRefInCore(graph, from, slot, to);
  }

  /** The same, and a handle of `to` is given up for it. */
  static moveRef(graph: RcGraph, from: number, slot: number, to: number): RcStatus {
    if (isIndex(from) && isSlot(slot) && isIndex(to) && graph.#control[Control.PHASE] === 0) {
      const nodes = graph.#nodes;
      const edges = graph.#edges;
      const at = from * Size.NODE_WORDS;
      const target = to * Size.NODE_WORDS;
      const run = nodes[at + Node.REFS];
      if (
        run > 0 &&
        slot < edges[run] &&
        (nodes[at + Node.WORD] & nodes[target + Node.WORD] & Bit.LIVE) !== 0 &&
        // What a block with a handle refers to is no garbage before that has lost its own.
        nodes[at + Node.HANDLES] > 0 &&
        nodes[target + Node.HANDLES] > 0 &&
        nodes[target + Node.EDGES] < maxCount &&
        from !== to &&
        edges[run + 1 + slot] === 0
      ) {
        edges[run + 1 + slot] = to;
        nodes[target + Node.EDGES]++;
        nodes[target + Node.HANDLES]--;
        graph.#control[Control.EDGES]++;
        return RcStatus.OK;
      }
    }
    return RcGraph.#moveRefInCore(graph, from, slot, to);
  }

  /** What a reference leads to; 0 for nothing, -1 when there is no such live block or reference. */
  static refOf(graph: RcGraph, from: number, slot: number): number {
    if (isIndex(from) && isSlot(slot)) {
      const nodes = graph.#nodes;
      const edges = graph.#edges;
      const at = from * Size.NODE_WORDS;
      const run = nodes[at + Node.REFS];
      if (run > 0 && slot < edges[run] && (nodes[at + Node.WORD] & Bit.LIVE) !== 0)
        return edges[run + 1 + slot];
    }
    return RcGraph.#noRef(graph, from, slot);
  }

  /** Whether an index is a live block. */
  static isLive(graph: RcGraph, index: number): boolean {
    if (graph.#nodes === NO_WORDS) RcGraph.#heal(graph);
    if (!isIndex(index)) return false;
    const word = graph.#nodes[index * Size.NODE_WORDS];
    if ((word & Bit.LIVE) === 0) return false;
    // What a collection has found to be garbage is dead, all of it at once.
    return (word & (Bit.SET | Bit.RESCUED)) - Bit.SET !== 0 || graph.#control[Control.PHASE] !== FREE_PHASE;
  }

  /**
   * Whether one of the free nodes behind the first has a run of as many references, and comes first now. Blocks of one class
   * with different numbers of references come and go in turns as often as not.
   */
  static #takeNext(graph: RcGraph, first: number, slots: number): boolean {
    const nodes = graph.#nodes;
    const edges = graph.#edges;
    let before = first;
    for (let left = NEIGHBOURS; left > 0; left--) {
      const index = nodes[before * Size.NODE_WORDS + Node.LINK];
      if (!(index > 0)) return false;
      const at = index * Size.NODE_WORDS;
      const run = nodes[at + Node.REFS];
      if ((run === 0 ? 0 : edges[run]) === slots) {
        const control = graph.#control;
        const head = Control.FREE + (graph.#groups[index >> Layout.GROUP_SHIFT] & Layout.CLASS_MASK);
        nodes[before * Size.NODE_WORDS + Node.LINK] = nodes[at + Node.LINK];
        nodes[at + Node.LINK] = first;
        control[head] = index;
        return true;
      }
      before = index;
    }
    return false;
  }

  /** Makes a reference lead nowhere if nothing dies or becomes a candidate by that; false when something would. */
  static #clearRef(graph: RcGraph, from: number, slot: number): boolean {
    if (!isIndex(from) || !isSlot(slot) || graph.#control[Control.PHASE] !== 0) return false;
    const nodes = graph.#nodes;
    const edges = graph.#edges;
    const run = nodes[from * Size.NODE_WORDS + Node.REFS];
    if (!(run > 0 && slot < edges[run]) || (nodes[from * Size.NODE_WORDS + Node.WORD] & Bit.LIVE) === 0)
      return false;
    const to = edges[run + 1 + slot];
    if (to === 0) return true;
    if (!canLoseEdge(nodes, to * Size.NODE_WORDS)) return false;
    edges[run + 1 + slot] = 0;
    nodes[to * Size.NODE_WORDS + Node.EDGES]--;
    graph.#control[Control.EDGES]--;
    return true;
  }

  /** The first handle of a block that references lead to, while no collection is under way; all else is the core's. */
  static #retainReferred(graph: RcGraph, index: number): RcStatus {
    const nodes = graph.#nodes;
    const at = isIndex(index) ? index * Size.NODE_WORDS : 0;
    if (
      (nodes[at + Node.WORD] & Bit.LIVE) === 0 ||
      nodes[at + Node.HANDLES] !== 0 ||
      graph.#control[Control.PHASE] !== 0
    )
      return RcGraph.#retainInCore(graph, index);
    nodes[at + Node.HANDLES] = 1;
    return RcStatus.OK;
  }

  /**
   * The last handle of a block that references lead to, or that has some itself. While no collection is under way it becomes a
   * candidate here, or dies if nothing else does with it; all else is the core's.
   */
  static #releaseReferred(graph: RcGraph, index: number): RcStatus {
    const nodes = graph.#nodes;
    const at = isIndex(index) ? index * Size.NODE_WORDS : 0;
    if (
      (nodes[at + Node.WORD] & Bit.LIVE) === 0 ||
      nodes[at + Node.HANDLES] !== 1 ||
      graph.#control[Control.PHASE] !== 0 ||
      !(nodes[at + Node.EDGES] > 0 ? RcGraph.#leave(graph, index) : RcGraph.#end(graph, index))
    )
      return RcGraph.#releaseInCore(graph, index);
    return RcStatus.OK;
  }

  /** Takes the last handle of a block that references lead to; false, and nothing changes, when a collection is due. */
  static #leave(graph: RcGraph, index: number): boolean {
    const nodes = graph.#nodes;
    const control = graph.#control;
    const at = index * Size.NODE_WORDS;
    if (nodes[at + Node.REFS] !== 0 && nodes[at + Node.LINK] === 0) {
      const candidates = control[Control.CANDIDATES] + 1;
      if (candidates >= control[Control.THRESHOLD] && graph.#automatic) return false;
      const ring = Layout.SENTINEL * Size.NODE_WORDS;
      const last = nodes[ring + Node.SCRATCH];
      nodes[at + Node.SCRATCH] = last;
      nodes[at + Node.LINK] = Layout.SENTINEL;
      nodes[last * Size.NODE_WORDS + Node.LINK] = index;
      nodes[ring + Node.SCRATCH] = index;
      control[Control.CANDIDATES] = candidates;
    }
    nodes[at + Node.HANDLES] = 0;
    return true;
  }

  /**
   * The death of a block with references, as far as nothing else comes of it than the death of blocks without; false when
   * something would.
   * (Those that were dropped until then stay so, as the core drops the rest.)
   */
  static #end(graph: RcGraph, index: number): boolean {
    const nodes = graph.#nodes;
    const edges = graph.#edges;
    const control = graph.#control;
    const at = index * Size.NODE_WORDS;
    const word = nodes[at + Node.WORD];
    const run = nodes[at + Node.REFS];
    // Longer runs are not kept for the next block.
    if (run === 0 || edges[run] > EXACT_SLOTS || nodes[at + Node.LINK] !== 0 || (word & ~PLAIN_BITS) !== 0)
      return false;
    for (let place = run + edges[run]; place > run; place--) {
      const to = edges[place];
      if (to === 0) continue;
      const target = to * Size.NODE_WORDS;
      if (
        !canLoseEdge(nodes, target) &&
        !(isLeaf(nodes, target) && bury(control, nodes, graph.#groups, to, nodes[target + Node.WORD]))
      )
        return false;
      edges[place] = 0;
      nodes[target + Node.EDGES]--;
      control[Control.EDGES]--;
    }
    return bury(control, nodes, graph.#groups, index, word);
  }

  // ---- What a block is -------------------------------------------------------------------------------------------

  /** The counts of a live block. */
  static handlesOf(graph: RcGraph, index: number): number {
    return RcGraph.isLive(graph, index) ? graph.#nodes[index * Size.NODE_WORDS + Node.HANDLES] : 0;
  }

  static edgesOf(graph: RcGraph, index: number): number {
    return RcGraph.isLive(graph, index) ? graph.#nodes[index * Size.NODE_WORDS + Node.EDGES] : 0;
  }

  /** How many references a live block has. */
  static slotsOf(graph: RcGraph, index: number): number {
    if (!RcGraph.isLive(graph, index)) return 0;
    const run = graph.#nodes[index * Size.NODE_WORDS + Node.REFS];
    return run === 0 ? 0 : graph.#edges[run];
  }

  /** The slab and the class of an index that was ever used; those of no slab are -1 and the external class. */
  static slabOf(graph: RcGraph, index: number): number {
    return (graph.#groups[index >> Layout.GROUP_SHIFT] >> Layout.CLASS_BITS) - 1;
  }

  static classOf(graph: RcGraph, index: number): number {
    return graph.#groups[index >> Layout.GROUP_SHIFT] & Layout.CLASS_MASK;
  }

  /** The bytes that were asked for of a block of a slab, which lives or was just disposed. */
  static lengthOf(graph: RcGraph, index: number): number {
    const slack = (graph.#nodes[index * Size.NODE_WORDS] & Bit.SLACK) >> Bit.SLACK_SHIFT;
    return units[RcGraph.classOf(graph, index)] * 16 - slack;
  }

  /** Notes how many bytes less than its class a block has. */
  static setSlack(graph: RcGraph, index: number, slack: number): void {
    const at = index * Size.NODE_WORDS;
    graph.#nodes[at] = (graph.#nodes[at] & ~Bit.SLACK) | (slack << Bit.SLACK_SHIFT);
  }

  /** Which life of its index a live block is, of those that had weak references. */
  static generationOf(graph: RcGraph, index: number): number {
    return (graph.#nodes[index * Size.NODE_WORDS] & Bit.GENERATIONS) >> Bit.GENERATION_SHIFT;
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
    const fast = slots <= EXACT_SLOTS ? RcGraph.take(graph, EXTERNAL_BYTES, slots, 0) : 0;
    if (fast !== 0) {
      graph.#nodes[fast * Size.NODE_WORDS] |= Bit.NOTIFY;
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

  static #retainInCore(graph: RcGraph, index: number): RcStatus {
    const handle = RcGraph.#healed(graph);
    return handle === null
      ? RcStatus.NOT_LIVE
      : RcGraph.#settled(graph, native.rcRetain(handle, index), true);
  }

  /** {@link RcGraph.release} after which no callback throws before the program's next turn. */
  static releaseQuietly(graph: RcGraph, index: number): RcStatus {
    const handle = RcGraph.#healed(graph);
    return handle === null
      ? RcStatus.NOT_LIVE
      : RcGraph.#settled(graph, native.rcRelease(handle, index), true);
  }

  static #releaseInCore(graph: RcGraph, index: number): RcStatus {
    const handle = RcGraph.#healed(graph);
    return handle === null ? RcStatus.NOT_LIVE : RcGraph.#settled(graph, native.rcRelease(handle, index));
  }

  static #setRefInCore(graph: RcGraph, from: number, slot: number, to: number): RcStatus {
    const handle = RcGraph.#healed(graph);
    return handle === null
      ? RcStatus.NOT_LIVE
      : RcGraph.#settled(graph, native.rcSetRef(handle, from, slot, to));
  }

  static #moveRefInCore(graph: RcGraph, from: number, slot: number, to: number): RcStatus {
    const handle = RcGraph.#healed(graph);
    return handle === null
      ? RcStatus.NOT_LIVE
      : RcGraph.#settled(graph, native.rcMoveRef(handle, from, slot, to));
  }

  /** No such reference, unless the tables were not there to be looked at. */
  static #noRef(graph: RcGraph, from: number, slot: number): number {
    if (graph.#nodes !== NO_WORDS || graph.#handle === null) return -1;
    RcGraph.#refresh(graph, graph.#handle);
    return graph.#nodes === NO_WORDS ? -1 : RcGraph.refOf(graph, from, slot);
  }

  static #settled(graph: RcGraph, status: RcStatus, quietly = false): RcStatus {
    RcGraph.#settle(graph, quietly);
    return status;
  }

  /** The core heap, with tables that can be looked at. */
  static #healed(graph: RcGraph): RcHandle | null {
    if (graph.#nodes === NO_WORDS) RcGraph.#heal(graph);
    return graph.#handle;
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

/** Frees a node that is in no list and refers to nothing; false when the room for that is to be counted by the core. */
function bury(control: Words, nodes: Words, groups: Words, index: number, word: number): boolean {
  const at = index * Size.NODE_WORDS;
  const sizeClass = groups[index >> Layout.GROUP_SHIFT] & Layout.CLASS_MASK;
  const room = control[Control.ROOM] + units[sizeClass];
  if (room >= maxRoom) return false;
  nodes[at + Node.WORD] = word & Bit.GENERATIONS;
  nodes[at + Node.HANDLES] = 0;
  nodes[at + Node.LINK] = control[Control.FREE + sizeClass];
  control[Control.FREE + sizeClass] = index;
  control[Control.ROOM] = room;
  control[Control.LIVE]--;
  return true;
}

/**
 * Whether a node, by its first word, can have one reference less without anything coming of it: it has a handle, or it is one
 * of those that are no candidates, or is a candidate already.
 */
function canLoseEdge(nodes: Words, at: number): boolean {
  return (
    nodes[at + Node.HANDLES] > 0 ||
    (nodes[at + Node.EDGES] > 1 && (nodes[at + Node.REFS] === 0 || nodes[at + Node.LINK] !== 0))
  );
}

/** Whether a node lives by one reference, refers to nothing, and its death concerns nobody. */
function isLeaf(nodes: Words, at: number): boolean {
  return (
    nodes[at + Node.EDGES] === 1 &&
    (nodes[at + Node.HANDLES] | nodes[at + Node.REFS] | nodes[at + Node.LINK]) === 0 &&
    (nodes[at + Node.WORD] & ~PLAIN_BITS) === 0
  );
}
