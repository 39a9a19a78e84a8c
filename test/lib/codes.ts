import { expect } from 'vitest';
import { FreeholdError, type FreeholdErrorCode } from 'freehold';

/** The error that a function throws, which must be of this package and carry the code. */
export function refusal(run: () => unknown, code: FreeholdErrorCode): FreeholdError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(FreeholdError);
    expect((error as FreeholdError).code).toBe(code);
    return error as FreeholdError;
  }
  throw new Error(`nothing was thrown where ${code} was expected`);
}

/** The same for a promise that must reject. */
export async function rejection(promise: Promise<unknown>, code: FreeholdErrorCode): Promise<FreeholdError> {
  const error: unknown = await promise.then(
    () => new Error(`a promise was kept where ${code} was expected`),
    (reason: unknown) => reason,
  );
  return refusal(() => {
    throw error;
  }, code);
}
