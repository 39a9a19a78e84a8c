import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

import { transfer } from './captured.ts';
import { type ArenaControl, type ControlLayout, layoutDifference } from './control.ts';
import { FreeholdError } from './errors.ts';
import { type RcLayout, type RcStatus, rcLayoutDifference } from './rc-layout.ts';
import { MAX_ALIGNMENT } from './validate.ts';

/** A core arena; opaque, and freed by the collector. */
export interface ArenaHandle {
  readonly arenaHandle: unique symbol;
}

/** A table of blocks that stand alone, `native/binding/exposed_blocks.h`; opaque, and freed by the collector. */
export interface BlocksHandle {
  readonly blocksHandle: unique symbol;
}

/** Where the inaccessible pages around a block are, `native/core/guarded_pages.h`. */
export const enum Guard {
  NONE = 0,
  REAR = 1,
  FRONT = 2,
}

/** A core pool; opaque, and freed by the collector. */
export interface PoolHandle {
  readonly poolHandle: unique symbol;
}

/** What changed when a pool was to have one more slab. */
export interface GrownPool {
  /** Shows the new slab; undefined when there is none. */
  readonly buffer: ArrayBuffer | undefined;
  readonly slab: number;
  /** Where in it the first slot is. */
  readonly offset: number;
  /** How many bytes at its front may not be zero. */
  readonly dirty: number;
  /** The tables, where they have moved. */
  readonly words: Int32Array | undefined;
  readonly stack: Int32Array | undefined;
}

/** A core reference-counted heap; opaque, and freed by the collector. */
export interface RcHandle {
  readonly rcHandle: unique symbol;
}

/** What a reference-counted heap shares; undefined what there is none of yet. */
export interface RcTables {
  readonly control: Int32Array;
  readonly nodes: Int32Array | undefined;
  readonly groups: Int32Array | undefined;
  readonly edges: Int32Array | undefined;
}

/** A block that a slab came with. */
export interface MadeBlock {
  readonly index: number;
  readonly slab: number;
  readonly buffer: ArrayBuffer;
  /** The index of the slab's first block. */
  readonly first: number;
  /** How many bytes at its front may not be zero. */
  readonly dirty: number;
}

/** A core guarded heap; opaque, and freed by the collector. */
export interface GuardedHandle {
  readonly guardedHandle: unique symbol;
}

/** A core heap whose blocks C libraries free by their addresses; opaque, and there until the environment ends. */
export interface LibraryHeapHandle {
  readonly libraryHeapHandle: unique symbol;
}

/** `malloc` and its kin over an arena or such a heap; opaque, and there until the environment ends. */
export interface LibraryMemoryHandle {
  readonly libraryMemoryHandle: unique symbol;
}

/** A block of a guarded heap. */
export interface TakenGuarded {
  readonly slot: number;
  readonly address: bigint;
  /** Over exactly its bytes. */
  readonly buffer: ArrayBuffer;
}

/** Why the core refused, `native/core/arena.h`. */
export const enum Status {
  OK = 0,
  OUT_OF_MEMORY = 1,
  LIMIT = 2,
  TOO_LARGE = 3,
  INVALID = 4,
  CORRUPT = 5,
}

/** Memory of a C library's in an ArrayBuffer, `native/binding/foreign_blocks.h`. */
export interface TakenForeign {
  readonly index: number;
  readonly buffer: ArrayBuffer;
}

/** What the addon exports; each function is described where it is defined, in `native/binding`. */
export interface Addon {
  readonly controlLayout: ControlLayout;
  readonly rcLayout: RcLayout;
  readonly api: object | undefined;
  configure(worker: boolean, v8Memory: boolean, renewed: boolean): void;
  addressOf(view: Uint8Array): bigint | undefined;
  detach(buffer: ArrayBuffer): boolean;
  trimCache(): number;
  memoryFigures(): number[];
  usesEngineMemory(): boolean;
  createArena(initialBytes: number, maxChunkBytes: number, limit: number): ArenaHandle | undefined;
  destroy(handle: ArenaHandle): void;
  arenaControl(handle: ArenaHandle): ArenaControl;
  refill(handle: ArenaHandle, size: number, alignment: number, current: boolean): ArrayBuffer | Status;
  rewrap(handle: ArenaHandle, index: number, buffer: ArrayBuffer): ArrayBuffer | undefined;
  retire(handle: ArenaHandle, index: number): void;
  track(handle: ArenaHandle, index: number, buffer: ArrayBuffer): void;
  reset(handle: ArenaHandle, policy: number, bytes: number, keepNothing: boolean): boolean;
  rewind(handle: ArenaHandle, segments: number, current: number, cursor: number): Status;
  seal(handle: ArenaHandle): void;
  holdsNativeBehind(handle: ArenaHandle, offset: number): boolean;
  catchUp(handle: ArenaHandle): (ArrayBuffer | boolean | undefined)[];
  locate(handle: ArenaHandle, address: bigint): number[] | undefined;
  arenaForAddons(handle: ArenaHandle): object | undefined;
  arenaPointer(handle: ArenaHandle): bigint | undefined;
  endFace(handle: ArenaHandle): void;
  trim(handle: ArenaHandle): number;
  setLimit(handle: ArenaHandle, bytes: number): void;
  used(handle: ArenaHandle): number;
  chunks(handle: ArenaHandle): number;
  figures(handle: ArenaHandle): number[];
  createPool(
    blockBytes: number,
    alignment: number,
    slabBytes: number,
    maxBlocks: number,
    slabBlocks: number,
  ): PoolHandle | undefined;
  poolShape(handle: PoolHandle): number[];
  poolGrow(handle: PoolHandle, top: number, retired: number): GrownPool | Status;
  poolEmptySlabs(handle: PoolHandle): number[];
  poolRetire(handle: PoolHandle, slab: number): void;
  poolTrack(handle: PoolHandle, slab: number, buffer: ArrayBuffer): void;
  poolRelease(handle: PoolHandle, slabs: number[], top: number, retired: number): void;
  poolRebuild(handle: PoolHandle): void;
  poolFigures(handle: PoolHandle): number[];
  destroyPool(handle: PoolHandle): void;
  createRcHeap(): RcHandle | undefined;
  rcTables(handle: RcHandle): RcTables;
  rcAllocate(handle: RcHandle, bytes: number, slots: number): number | MadeBlock;
  rcAllocateExternal(handle: RcHandle, slots: number): number;
  rcRetain(handle: RcHandle, index: number): RcStatus;
  rcRelease(handle: RcHandle, index: number): RcStatus;
  rcSetRef(handle: RcHandle, from: number, slot: number, to: number): RcStatus;
  rcMoveRef(handle: RcHandle, from: number, slot: number, to: number): RcStatus;
  rcReserveRefs(handle: RcHandle, index: number, slots: number): RcStatus;
  rcWeakOf(handle: RcHandle, index: number): number;
  rcUpgrade(handle: RcHandle, index: number, generation: number): RcStatus;
  rcSetNotify(handle: RcHandle, index: number, notify: boolean): RcStatus;
  rcNextDisposed(handle: RcHandle): number;
  rcCollect(handle: RcHandle, nanoseconds: number): boolean;
  rcSetAutomatic(handle: RcHandle, on: boolean, nanoseconds: number): void;
  rcSetLimit(handle: RcHandle, bytes: number): void;
  rcCharge(handle: RcHandle, bytes: number): RcStatus;
  rcDischarge(handle: RcHandle, bytes: number): void;
  rcRetire(handle: RcHandle, slab: number): void;
  rcTrack(handle: RcHandle, slab: number, buffer: ArrayBuffer): void;
  rcEmptySlabs(handle: RcHandle): number[];
  rcGoneSlabs(handle: RcHandle): number[];
  rcTrim(handle: RcHandle): number;
  rcFigures(handle: RcHandle): number[];
  rcCheck(handle: RcHandle): boolean;
  rcFindCycles(handle: RcHandle): Int32Array | undefined;
  destroyRcHeap(handle: RcHandle): void;
  createBlocks(): BlocksHandle | undefined;
  takeBlock(
    handle: BlocksHandle,
    index: number,
    bytes: number,
    alignment: number,
    guard: Guard,
    cached: boolean,
  ): ArrayBuffer | Status;
  retireBlock(handle: BlocksHandle, index: number): void;
  trackBlock(handle: BlocksHandle, index: number, buffer: ArrayBuffer): void;
  giveBlock(handle: BlocksHandle, index: number): void;
  blockDirty(handle: BlocksHandle, index: number): number;
  blockFigures(handle: BlocksHandle): number[];
  destroyBlocks(handle: BlocksHandle): void;
  createGuarded(slots: number, quarantineBytes: number): GuardedHandle | undefined;
  guardedTake(
    handle: GuardedHandle,
    bytes: number,
    alignment: number,
    rear: boolean,
    site: number,
    label: string,
  ): TakenGuarded | undefined;
  guardedTrack(handle: GuardedHandle, slot: number, buffer: ArrayBuffer): void;
  guardedEnd(handle: GuardedHandle, slot: number, site: number): number | undefined;
  guardedAbandon(handle: GuardedHandle, slot: number): void;
  guardedNameSite(handle: GuardedHandle, site: number, text: string): void;
  guardedFull(handle: GuardedHandle): boolean;
  guardedFigures(handle: GuardedHandle): number[];
  destroyGuarded(handle: GuardedHandle): void;
  createLibraryHeap(): LibraryHeapHandle | undefined;
  destroyLibraryHeap(handle: LibraryHeapHandle): void;
  libraryHeapFigures(handle: LibraryHeapHandle): number[];
  memoryOfHeap(handle: LibraryHeapHandle, limit: number, failAt: number): LibraryMemoryHandle | undefined;
  memoryOfArena(handle: ArenaHandle, limit: number, failAt: number): LibraryMemoryHandle | undefined;
  endMemory(handle: LibraryMemoryHandle): void;
  memoryContext(handle: LibraryMemoryHandle): bigint;
  memoryStats(handle: LibraryMemoryHandle): number[];
  memorySetLimit(handle: LibraryMemoryHandle, bytes: number): void;
  memoryFailAt(handle: LibraryMemoryHandle, allocation: number): void;
  memoryPlain(handle: LibraryMemoryHandle): bigint[] | undefined;
  memoryLive(handle: LibraryMemoryHandle, most: number): (bigint | number)[];
  memoryBytes(handle: LibraryMemoryHandle, address: bigint): number;
  contextFunctions(): bigint[];
  /** Bytes of a pointer of C. */
  readonly pointerBytes: number;
  copyMemory(address: bigint, target: Uint8Array): number;
  takeForeign(address: bigint, bytes: number): TakenForeign | null | undefined;
  trackForeign(index: number, buffer: ArrayBuffer): void;
  armForeign(index: number, freeFunction: bigint): void;
  endForeign(index: number): void;
  endedForeign(): number[];
  listen(listener: () => void): boolean;
  holdLoop(hold: boolean): void;
  lend(address: bigint, id: number): void;
  endLoan(address: bigint, id: number): boolean;
  returnedLoans(): number[];
  loansReturnedTwice(): bigint[];
  loanFigures(): number[];
  giveBackFunctions(): bigint[];
}

function load(): Addon {
  const require = createRequire(import.meta.url);
  const root = fileURLToPath(new URL('..', import.meta.url));
  let addon: Addon;
  try {
    // The layout check below is the proof.
    addon = (require('node-gyp-build') as (root: string) => unknown)(root) as Addon;
  } catch (cause) {
    throw new FreeholdError(
      'ERR_FREEHOLD_ADDON',
      `no native addon for ${process.platform}-${process.arch}: run "npm rebuild freehold" with a C++20 compiler`,
      { cause },
    );
  }
  const difference =
    layoutDifference(addon.controlLayout, MAX_ALIGNMENT) ?? rcLayoutDifference(addon.rcLayout);
  if (difference !== undefined) {
    throw new FreeholdError(
      'ERR_FREEHOLD_ADDON',
      `the native addon is of another version than the package (${difference}): run "npm rebuild freehold"`,
    );
  }
  addon.configure(!isMainThread, process.env['FREEHOLD_BACKING'] === 'v8', transfer !== undefined);
  return addon;
}

/** The addon of this environment. */
export const native: Addon = load();

/**
 * Whether the addon must be told of each ArrayBuffer that comes to stand over a chunk. Only workers end before the
 * process does, and must know then which memory another thread may have received.
 */
export const tracksEscapes: boolean = !isMainThread;
