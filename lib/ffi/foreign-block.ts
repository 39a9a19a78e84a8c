import { Stamped } from '../exposure.ts';
import { PinCount } from '../pin.ts';
import type { ForeignSettings } from './foreign-options.ts';

/** What became of a block. */
export const enum ForeignState {
  LIVE,
  FREED,
  /** Its views cannot be ended, or are over it no more: the collector has it. */
  MOVED,
}

/** What has to be done when the memory at an address ends. Leads to no view of it. */
export interface ForeignEntry {
  readonly address: bigint;
  readonly bytes: number;
  readonly settings: ForeignSettings;
  /** What debug mode knows of it. */
  readonly note: object | null;
}

/** Pins that keep what they hold: unlike other blocks it is collected when nothing else does. */
class ForeignPins extends PinCount {
  readonly buffer: ArrayBuffer;

  constructor(buffer: ArrayBuffer) {
    super();
    this.buffer = buffer;
  }
}

/** A block of foreign memory, as its ArrayBuffer knows it. */
export class ForeignBlock {
  state = ForeignState.LIVE;
  readonly pins: PinCount;

  constructor(
    readonly index: number,
    readonly buffer: ArrayBuffer,
    readonly entry: ForeignEntry,
  ) {
    this.pins = new ForeignPins(buffer);
    new Named(buffer, this);
  }

  /** How messages call it. */
  get label(): string {
    return `foreign memory "${this.entry.settings.name}"`;
  }
}

class Named extends Stamped<ArrayBuffer> {
  readonly #block: ForeignBlock;

  constructor(buffer: ArrayBuffer, block: ForeignBlock) {
    super(buffer);
    this.#block = block;
  }

  static of(buffer: object): ForeignBlock | undefined {
    return #block in buffer ? buffer.#block : undefined;
  }
}

/** The block that a buffer shows, or showed until it was detached. */
export function foreignBlockOf(buffer: ArrayBufferLike): ForeignBlock | undefined {
  return Named.of(buffer);
}
