import { type Arena, arenaBehind } from './arena.ts';
import type { Allocator } from './allocator.ts';
import { max, min } from './captured.ts';
import { FreeholdError } from './errors.ts';
import { ArenaMark } from './mark.ts';
import * as errors from './stack-errors.ts';
import { disposedOf } from './validate.ts';

/**
 * The stack's bytes allow one frame for each so many: a recursion without an end that allocates nothing ends, too. With
 * the default of 1 MiB that comes before the engine's own stack overflows.
 */
const BYTES_PER_FRAME = 256;

const rewindTo = Object.getOwnPropertyDescriptor(ArenaMark.prototype, Symbol.dispose)?.value as (
  this: ArenaMark,
) => void;

/** How a stack works, checked. */
export interface StackSettings {
  readonly bytes: number;
  readonly mode: 'detach' | 'reuse';
  readonly name: string;
}

/** What became of a frame. */
export const enum FrameState {
  OPEN,
  /** By its own end, or that of all. */
  ENDED,
  /** By the end of an older one, while the program took it for open. */
  SWEPT,
}

/** One frame: where it begins, and the one beneath it. */
export class FrameLink {
  state = FrameState.OPEN;

  constructor(
    readonly mark: ArenaMark,
    readonly below: FrameLink | null,
  ) {}
}

/** A stack's memory and its open frames: what {@link Stack} and {@link StackFrame} both work on. */
export class StackCore {
  readonly arena: Arena;
  readonly settings: StackSettings;
  newest: FrameLink | null = null;
  frames = 0;

  constructor(stack: Allocator, settings: StackSettings) {
    this.settings = settings;
    const { bytes, mode, name } = settings;
    const face = {
      allocator: stack,
      refused: (byteLength: number) => errors.overflow(name, byteLength, this.arena.used, bytes),
    };
    // In one piece, where frames are marks in it. Where each nested frame has an ArrayBuffer over the rest of its chunk,
    // large chunks would count so much against the engine's limits that it collects all the time: 100 us for a frame.
    const chunk = max(mode === 'reuse' ? bytes : min(bytes, 64 * 1024), 4096);
    this.arena = arenaBehind(face, {
      initialBytes: chunk,
      maxChunkBytes: chunk,
      limitBytes: bytes,
      reset: mode,
      retain: 'all',
      name,
    });
    this.takeMemory();
  }

  /** Now, where the end of the first frame would give it back: 3 us for each. */
  takeMemory(): void {
    if (this.settings.mode === 'reuse') this.arena.bump(0);
  }

  /** A new frame, which the caller puts on top at last: what is interrupted in between leaves nothing behind. */
  prepare(): FrameLink {
    const { name, bytes } = this.settings;
    if (this.arena.disposed) throw disposedOf(`stack "${name}"`);
    if (this.frames >= bytes / BYTES_PER_FRAME) throw errors.tooManyFrames(name, this.frames);
    return new FrameLink(this.arena.mark(), this.newest);
  }

  /** The newest frame may be used; any other is a mistake of the program. */
  check(frame: FrameLink): void {
    if (frame === this.newest) return;
    const { name } = this.settings;
    throw frame.state === FrameState.OPEN ? errors.notNewest(name) : errors.frameEnded(name);
  }

  /**
   * Ends a frame and those above it. There may be some that nobody ends: the engine's own stack overflowed before they
   * came to a variable, or in the middle of their ends. To refuse would make each older frame fail as well.
   */
  end(frame: FrameLink): void {
    if (frame.state === FrameState.SWEPT) throw errors.swept(this.settings.name);
    if (frame.state === FrameState.ENDED) return;
    try {
      rewindTo.call(frame.mark); // Throws under a pin; then nothing has changed.
    } catch (error) {
      // An interrupted change made the arena begin anew: all blocks have ended.
      if (!(error instanceof FreeholdError && error.code === 'ERR_FREEHOLD_STALE_MARK')) throw error;
    }
    frame.state = FrameState.ENDED;
    this.#close(frame.below, FrameState.SWEPT);
  }

  /** After the arena has ended all blocks. */
  endAll(): void {
    this.#close(null, FrameState.ENDED);
  }

  /** Ends everything, and the memory with it. */
  dispose(): void {
    this.arena.dispose();
    this.endAll();
  }

  #close(until: FrameLink | null, state: FrameState): void {
    while (this.newest !== null && this.newest !== until) {
      if (this.newest.state === FrameState.OPEN) this.newest.state = state;
      this.newest = this.newest.below;
      this.frames--;
    }
  }
}
