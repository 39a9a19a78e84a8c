// How the programs say what they have seen. A fault is committed by `commit`; `later` is what a program does afterwards, where the
// fault may still be found. A program that gets past both says what became of it.
import { FreeholdError } from 'freehold';

/** An error on the way, with when it was thrown. */
class Found extends Error {
  constructor(when, cause) {
    super(when, { cause });
    this.when = when;
  }
}

/** Commits the fault. */
export function commit(action) {
  return at('', action);
}

/** What the program does afterwards. `when` names it. */
export function later(when, action) {
  return at(when, action);
}

/** The same for what is awaited. */
export async function commitAsync(action) {
  try {
    return await action();
  } catch (error) {
    throw new Found('', error);
  }
}

function at(when, action) {
  try {
    return action();
  } catch (error) {
    throw new Found(when, error);
  }
}

/** The fault has done nothing to anybody. */
export const prevented = (seen) => ({ kind: 'prevented', seen });

/** It has, and nobody has said so. */
export const undetected = (seen) => ({ kind: 'undetected', seen });

/** What became of a fault. An error that is not ours is the engine's, or node's, which then has done nothing. */
export async function outcomeOf(fault) {
  try {
    return await fault();
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    const { when, cause } = error;
    if (!(cause instanceof FreeholdError)) return prevented(cause.code ?? cause.name);
    const { code, message } = cause;
    return when === '' ? { kind: 'error', code, message } : { kind: 'later', when, code, message };
  }
}
