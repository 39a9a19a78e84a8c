import { FreeholdError } from './errors.ts';

// The errors of a stack: what was asked, what was found, what to do.

export function overflow(name: string, byteLength: number, used: number, limit: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_STACK_OVERFLOW',
    `${byteLength} bytes asked of stack "${name}", which has ${limit} and has handed out ${used}; end frames first, or give it more bytes`,
  );
}

export function tooManyFrames(name: string, frames: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_STACK_OVERFLOW',
    `stack "${name}" has ${frames} open frames, all that its bytes allow; is there a recursion without an end?`,
  );
}

export function frameEnded(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_FRAME_ORDER',
    `this frame of stack "${name}" has ended; open a new one`,
  );
}

export function swept(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_FRAME_ORDER',
    `this frame of stack "${name}" was ended by the end of an older one, and its blocks with it: end the newest first, and give generators and asynchronous tasks, which take turns, stacks of their own`,
  );
}

export function notNewest(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_FRAME_ORDER',
    `a block was asked of a frame of stack "${name}" while newer frames are open, with which it would end; ask the newest, and give generators and asynchronous tasks, which take turns, stacks of their own`,
  );
}

export function asynchronousScope(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `scope() of stack "${name}" got an asynchronous function, whose frame ended before it did; use an Arena for what waits`,
  );
}
