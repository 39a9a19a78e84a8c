import { fileURLToPath } from 'node:url';

// Where the program was. Captured as V8 has it, a list of frames, and only made into text when somebody reads it: that is
// where the cost of a stack is. Until then the frames keep their functions and receivers alive.

/** A method of this package; what called it is the site. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- that is what captureStackTrace takes
type Boundary = Function;

// eslint-disable-next-line @typescript-eslint/unbound-method -- does not look at `this`
const { captureStackTrace } = Error;

/** Frames of this package that may stand before the program's: layers of wrappers, `string` and the like. */
const OWN_FRAMES = 8;

/** Where this package's frames are: compiled, and as a source map shows them. */
const OWN_PLACES = ['../', '../../lib/'].flatMap((path) => {
  const url = new URL(path, import.meta.url);
  return [url.href, fileURLToPath(url)];
});

/** Where a program was, not yet put into words. */
export class Site {
  readonly #frames: number;
  declare readonly stack: unknown;

  constructor(frames: number, boundary: Boundary) {
    this.#frames = frames;
    const limit = Error.stackTraceLimit;
    // Not an assignment, which throws where the program has frozen Error.
    Reflect.set(Error, 'stackTraceLimit', frames + OWN_FRAMES);
    captureStackTrace(this, boundary);
    Reflect.set(Error, 'stackTraceLimit', limit);
  }

  /** The frames, one to a line, without those of this package. */
  toString(): string {
    const { stack } = this; // Made now, perhaps by the program's own Error.prepareStackTrace.
    if (typeof stack !== 'string') return '(no text: Error.prepareStackTrace gives none)';
    const lines = stack.split('\n').filter((line) => /^\s+at /.test(line) && !isOwn(line));
    return lines.slice(0, this.#frames).join('\n') || '(no frame of the program)';
  }
}

function isOwn(line: string): boolean {
  return OWN_PLACES.some((place) => line.includes(place));
}

/** What tracking knows of one block besides its record. */
export interface Trace {
  readonly site: Site | undefined;
  /** Where it was freed or reallocated. */
  end: Site | undefined;
}
