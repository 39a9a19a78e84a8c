import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import type { FreeholdErrorCode } from '../errors.ts';
import { noteOf, setViewOwner, stampView, viewOwnerOf } from '../exposure.ts';
import type { Account } from './accounts.ts';
import type { Layer } from './layer.ts';
import type { Trace } from './trace.ts';

// What wrappers know of blocks. A block is one object all the way out: every wrapper that it passes leaves a record on
// it, the outermost last, and takes its own back when the block comes in again.

/** Where a block is in its life, as one wrapper sees it. */
export const enum State {
  /** Handed out. */
  LIVE,
  /** On its way back: whoever frees it now frees it twice. */
  LEAVING,
  /** Given back through the wrapper. */
  FREED,
  /** Given back or ended behind the wrapper's back: `goneCode` says how the inner allocator put it. */
  GONE,
}

/** What one wrapper knows of one block that it handed out. */
export class BlockRecord {
  state: State = State.LIVE;
  goneCode: FreeholdErrorCode = 'ERR_FREEHOLD_USE_AFTER_FREE';
  readonly layer: Layer;
  /** The inner allocator that the block came from. */
  readonly source: Allocator;
  /** What was asked for. */
  readonly bytes: number;
  readonly serial: number;
  /** What the next wrapper inwards knows of the same block. */
  readonly below: BlockRecord | undefined;
  /** What the block named as its allocator before. */
  readonly previous: Allocator | undefined;
  account: Account | null = null;
  trace: Trace | null = null;

  constructor(
    layer: Layer,
    source: Allocator,
    bytes: number,
    below: BlockRecord | undefined,
    previous: Allocator | undefined,
  ) {
    this.layer = layer;
    this.source = source;
    this.bytes = bytes;
    this.serial = ++latestSerial;
    this.below = below;
    this.previous = previous;
  }
}

/** Left on a typed array that `array` made: the records are those of its block, as they were then. */
class ArrayNote {
  readonly block: Block;
  readonly record: BlockRecord;

  constructor(block: Block, record: BlockRecord) {
    this.block = block;
    this.record = record;
  }
}

let latestSerial = 0;

/** To be read before an allocation, for `enter`. */
export function serialNow(): number {
  return latestSerial;
}

/**
 * Puts a wrapper's record on a block that it is about to hand out. Records from before the allocation (`since`) are of an
 * earlier life of the same object, for a pool hands it out again: what is still live among them went back another way.
 */
export function enter(
  view: ArrayBufferView,
  wrapper: Allocator,
  layer: Layer,
  source: Allocator,
  bytes: number,
  since: number,
): BlockRecord {
  let below = noteOf(view) as BlockRecord | undefined;
  if (below !== undefined && below.serial <= since) {
    dropStale(view, below);
    below = undefined;
  }
  const record = new BlockRecord(layer, source, bytes, below, viewOwnerOf(view));
  stampView(view, wrapper, record);
  return record;
}

function dropStale(view: ArrayBufferView, newest: BlockRecord | undefined): void {
  for (let each = newest; each !== undefined; each = each.below) {
    if (each.state !== State.LIVE) continue;
    setViewOwner(view, each.previous);
    lose(each, 'ERR_FREEHOLD_DOUBLE_FREE');
  }
}

/** The block is not the wrapper's any more, though it did not come back through it. */
export function lose(record: BlockRecord, code: FreeholdErrorCode): void {
  record.state = State.GONE;
  record.goneCode = code;
  record.layer.released(record);
}

/** What a layer knows of a view; undefined when it never handed it out. */
export function recordOf(view: unknown, layer: Layer): BlockRecord | undefined {
  const note = noteOf(view);
  let record = (note instanceof ArrayNote ? note.record : note) as BlockRecord | undefined;
  while (record !== undefined && record.layer !== layer) record = record.below;
  return record;
}

/** The block behind what `free` takes and a record was found for: itself, or the one that a typed array was made over. */
export function blockOf(view: ArrayBufferView): Block {
  const note = noteOf(view);
  const block: unknown = note instanceof ArrayNote ? note.block : view;
  return block as Block;
}

/** Remembers which block a typed array stands for. */
export function linkArray(array: ArrayBufferView, wrapper: Allocator, block: Block): void {
  stampView(array, wrapper, new ArrayNote(block, noteOf(block) as BlockRecord));
}
