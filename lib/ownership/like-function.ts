type Fn = (this: unknown, ...args: unknown[]) => unknown;

/** Gives a function the name and the length of the one that it stands for: stack traces and frameworks read them. */
export function likeFunction(original: Fn, wrapper: Fn): Fn {
  for (const key of ['name', 'length']) {
    const property = Object.getOwnPropertyDescriptor(original, key);
    if (property !== undefined) Object.defineProperty(wrapper, key, property);
  }
  return wrapper;
}
