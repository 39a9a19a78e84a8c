import { type Boundary, captureStack, isOwnPlace } from '../call-stack.ts';

/** Frames of this package that may stand before the program's: layers of wrappers, `string` and the like. */
const OWN_FRAMES = 8;

/** Where a program was, not yet put into words. */
export class Site {
  readonly #frames: number;
  declare readonly stack: unknown;

  constructor(frames: number, boundary: Boundary) {
    this.#frames = frames;
    captureStack(this, frames + OWN_FRAMES, boundary);
  }

  /** The frames, one to a line, without those of this package. */
  toString(): string {
    const { stack } = this; // Made now, perhaps by the program's own Error.prepareStackTrace.
    if (typeof stack !== 'string') return '(no text: Error.prepareStackTrace gives none)';
    const lines = stack.split('\n').filter((line) => /^\s+at /.test(line) && !isOwnPlace(line));
    return lines.slice(0, this.#frames).join('\n') || '(no frame of the program)';
  }
}

/** What tracking knows of one block besides its record. */
export interface Trace {
  readonly site: Site | undefined;
  /** Where it was freed or reallocated. */
  end: Site | undefined;
}
