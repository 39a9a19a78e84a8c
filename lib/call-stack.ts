import { fileURLToPath } from 'node:url';

// Where the program is. Captured as V8 has it, a list of frames, and only made into text when somebody reads it: that is where the
// cost of a stack is. Until then the frames keep their functions and receivers alive.

/** The method of this package that the program called: its frame, and those above, are left out. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- that is what captureStackTrace takes
export type Boundary = Function;

// eslint-disable-next-line @typescript-eslint/unbound-method -- does not look at `this`
const { captureStackTrace } = Error;

/** Gives `holder` a `stack`: where `boundary` was called from, `frames` deep. */
export function captureStack(holder: object, frames: number, boundary: Boundary): void {
  const limit = Error.stackTraceLimit;
  limitStacks(frames);
  try {
    captureStackTrace(holder, boundary);
  } finally {
    limitStacks(limit);
  }
}

function limitStacks(frames: number): void {
  try {
    Error.stackTraceLimit = frames;
  } catch {
    // The program has frozen Error. (Reflect.set() throws nothing, but takes 64 ns where this takes one.)
  }
}

/** Where this package's frames are: compiled, and as source maps show them. */
const OWN_PLACES = ['./', '../lib/'].flatMap((path) => {
  const url = new URL(path, import.meta.url);
  return [url.href, fileURLToPath(url)];
});

/** Whether a place, or a line of a stack, is of this package. */
export function isOwnPlace(text: string): boolean {
  return OWN_PLACES.some((place) => text.includes(place));
}
