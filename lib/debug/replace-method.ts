/**
 * Puts another method in the place of one, inherited or not, under the same name. So whoever calls it, the package's own code
 * included, is heard, and as long as nobody does this it costs nothing.
 */
export function replaceMethod<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  make: (original: T[K]) => T[K],
): void {
  const original = prototype[name];
  const value = make(original);
  Object.defineProperty(value, 'name', { value: name, configurable: true });
  Object.defineProperty(prototype, name, { value, configurable: true, enumerable: false, writable: true });
}
