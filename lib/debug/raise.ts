import { push } from '../captured.ts';
import type { FreeholdError } from '../errors.ts';
import { say } from './say.ts';
import { state } from './state.ts';

/** Found in the middle of something: told when that is done. */
let waiting: FreeholdError[] = [];

/** Does with a fault what the program has asked for. When this returns, the faulty call does nothing. */
export function raise(error: FreeholdError): void {
  const { onError } = state.settings;
  if (onError === 'throw') throw error;
  if (typeof onError === 'function') {
    onError(error);
    return;
  }
  say(`freehold: ${error.code}: ${error.message}\n${error.stack ?? ''}`);
  process.abort();
}

/** The same once the call that has found it is through: see {@link settle}. */
export function raiseLater(error: FreeholdError): void {
  push(waiting, error);
}

/** What was found meanwhile, for whoever raises it. */
export function findings(): FreeholdError[] {
  const found = waiting;
  waiting = [];
  return found;
}

/** Raises what was found meanwhile. One error can be thrown; others become warnings. */
export function settle(): void {
  if (waiting.length === 0) return;
  const found = findings();
  for (let index = 1; index < found.length; index++) {
    if (state.settings.onError === 'throw') process.emitWarning(found[index]);
    else raise(found[index]);
  }
  raise(found[0]);
}
