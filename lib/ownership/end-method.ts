import * as errors from './errors.ts';

/** The value's own method for its end, as `using`, or `await using`, would take it. */
export function endMethodOf(value: unknown, awaited: boolean): unknown {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function')
    throw errors.notDisposable(value);
  const resource = value as Partial<Disposable & AsyncDisposable>;
  const method = (awaited ? resource[Symbol.asyncDispose] : undefined) ?? resource[Symbol.dispose];
  if (typeof method !== 'function') throw errors.notDisposable(value);
  return method;
}
