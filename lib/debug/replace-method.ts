/**
 * Puts another method in the place of one, under the same name. So whoever calls it, the package's own code included, is heard,
 * and as long as nobody does this it costs nothing.
 */
export function replaceMethod<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  make: (original: T[K]) => T[K],
): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  const original = descriptor?.value as T[K] & object;
  const replacement = make(original);
  Object.defineProperty(replacement, 'name', Object.getOwnPropertyDescriptor(original, 'name') ?? {});
  Object.defineProperty(replacement, 'length', Object.getOwnPropertyDescriptor(original, 'length') ?? {});
  Object.defineProperty(prototype, name, { ...descriptor, value: replacement });
}
